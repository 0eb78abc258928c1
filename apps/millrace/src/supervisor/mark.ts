/** Stands in the command line of every process of this program, whatever folder it was installed to. */
export const millraceMark = 'millrace';

// eslint-disable-next-line no-control-regex -- colours take no room
const colour = /\u001B\[\d+m/g;
const widthOf = (cell: string): number => cell.replace(colour, '').length;

/**
 * Rows as columns of text, each as wide as its widest cell; the first row is the head. 
 * `right` names the columns that are set to the right.
 */
export function table(rows: readonly (readonly string[])[], right: readonly number[] = []): string[] {
  const widths = (rows[0] ?? []).map((_, column) => Math.max(...rows.map((row) => widthOf(row[column] ?? ''))));
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const blank = ' '.repeat((widths[column] ?? 0) - widthOf(cell));
        return right.includes(column) ? blank + cell : cell + blank;
      })
      .join('  ')
      .trimEnd(),
  );
}

/** What the registry answers to a rebuild. */
export interface RebuildReport {
  readonly differences: readonly { readonly table: string; readonly onlyInA: number; readonly onlyInB: number; readonly examples: readonly { readonly schema: string; readonly row: unknown }[] }[];
  readonly rows: number;
  readonly position: number;
}

/** The difference between the read model in use and one folded anew from the log. */
export function differenceText({ differences, rows, position }: RebuildReport): string {
  if (differences.length === 0) return `no difference: ${rows} rows folded anew from ${position} records are those in use`;
  return differences
    .flatMap(({ table, onlyInA, onlyInB, examples }) => [
      `${table}: ${onlyInA} rows only in the schema in use, ${onlyInB} only in the one folded anew`,
      ...examples.map(({ schema, row }) => `  ${schema}: ${JSON.stringify(row)}`),
    ])
    .join('\n');
}

const simple = /^\s*(!?)\s*(\w+)\.(\w+)\s*(?:(>=|<=|==|!=|>|<)\s*(-?\d+(?:\.\d+)?))?\s*$/;

const comparisons: Readonly<Record<string, (a: number, b: number) => boolean>> = {
  '>': (a, b) => a > b, '>=': (a, b) => a >= b, '<': (a, b) => a < b, '<=': (a, b) => a <= b, '==': (a, b) => a === b, '!=': (a, b) => a !== b,
};

/**
 * Value of a label by its declared expression, for the expressions that most labels are: a flag, or a field compared with a number.
 *
 * @returns 0 or 1; undefined for any other expression, and where the field is missing or no label of a classifier
 * @example labelValue('arrivals.delay > 15', { delay: 20n }) // 1
 */
export function labelValue(expression: string, fields: Readonly<Record<string, unknown>>): 0 | 1 | undefined {
  const match = simple.exec(expression);
  const field = match ? fields[match[3]!] : undefined;
  if (!match || (typeof field !== 'boolean' && typeof field !== 'number' && typeof field !== 'bigint')) return undefined;
  const [, not, , , comparison, limit] = match;
  if (comparison === undefined) {
    if (not) return typeof field === 'boolean' ? (field ? 0 : 1) : undefined;
    return Number(field) === 0 ? 0 : Number(field) === 1 ? 1 : undefined;
  }
  if (not || typeof field === 'boolean' || Number.isNaN(field)) return undefined;
  return comparisons[comparison]!(Number(field), Number(limit)) ? 1 : 0;
}

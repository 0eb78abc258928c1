import { MillraceError } from '@millrace/contracts';
import type { ColumnEncoding, CyclicColumn, Encoding, NumericColumn, OneHotColumn } from './encoding.ts';

/**
 * Learns how to encode the features of a linear model: means and deviations of the numeric columns, in float64, summed from the
 * first row to the last, so that the same rows in the same order give the same bits.
 * Source: standardisation as scikit-learn's `StandardScaler`; missing-indicator method with mean fill (Jones, "Indicator and
 * stratification methods for missing explanatory variables", JASA 91, 1996); trigonometric terms for periodic columns.
 *
 * @param features row-major [n, names.length]; NaN or infinite = missing
 * @param encode by feature name; features not named are numeric
 * @throws MillraceError NO_ROWS, SHAPE_MISMATCH, UNKNOWN_FEATURE, BAD_ENCODING
 * @example
 * const features = Float32Array.of(6, 100, 18, NaN);
 * fitEncoding(features, 2, ['hour', 'distance'], { hour: { kind: 'cyclic', period: 24, harmonics: 1 } }).columns;
 * // ['distance', 'sin 1 hour', 'cos 1 hour', 'missing distance']
 */
export function fitEncoding(features: Float32Array, n: number, names: readonly string[], encode: Readonly<Record<string, ColumnEncoding>>): Encoding {
  checkShape(features, n, names.length);
  if (n === 0) throw new MillraceError('NO_ROWS', 'no rows to learn an encoding from', { hint: 'train on at least one row of each class' });
  for (const name of Object.keys(encode))
    if (!names.includes(name)) throw new MillraceError('UNKNOWN_FEATURE', `encoding names feature ${name}, which the model does not have`, { hint: `features are ${names.join(', ')}` });

  const numeric: NumericColumn[] = [];
  const cyclic: CyclicColumn[] = [];
  const oneHot: OneHotColumn[] = [];
  names.forEach((name, index) => {
    // Object.hasOwn: a feature may be called 'constructor'.
    const how = Object.hasOwn(encode, name) ? encode[name] : undefined;
    if (how === undefined) numeric.push(fitNumeric(features, n, names.length, index));
    else if (how.kind === 'cyclic') cyclic.push(cyclicColumn(name, index, how));
    else oneHot.push(oneHotColumn(name, index, how));
  });
  return { names: [...names], numeric, cyclic, oneHot, columns: columnNames(names, numeric, cyclic, oneHot) };
}

/** @throws MillraceError SHAPE_MISMATCH */
export function checkShape(features: Float32Array, n: number, width: number): void {
  if (features.length !== n * width)
    throw new MillraceError('SHAPE_MISMATCH', `${features.length} values are not ${n} rows of ${width} features`, { hint: 'pass features row-major, [rows, features]' });
}

function fitNumeric(features: Float32Array, n: number, width: number, index: number): NumericColumn {
  let sum = 0;
  let present = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let at = index; at < features.length; at += width) {
    const x = features[at]!;
    if (!Number.isFinite(x)) continue;
    sum += x;
    present++;
    if (x < low) low = x;
    if (x > high) high = x;
  }
  const indicator = present < n;
  // Of a constant column rounding would make a tiny deviation, and that a huge encoded value.
  if (present === 0 || low === high) return { index, mean: present === 0 ? 0 : low, deviation: 0, indicator };
  const mean = sum / present;
  let squares = 0;
  for (let at = index; at < features.length; at += width) {
    const x = features[at]!;
    if (Number.isFinite(x)) squares += (x - mean) * (x - mean);
  }
  return { index, mean, deviation: Math.sqrt(squares / n), indicator };
}

function cyclicColumn(name: string, index: number, { period, harmonics }: { period: number; harmonics: number }): CyclicColumn {
  if (!(period > 0 && Number.isFinite(period)) || !Number.isInteger(harmonics) || harmonics < 1)
    throw new MillraceError('BAD_ENCODING', `cyclic encoding of ${name} has period ${period} and ${harmonics} harmonics`, { hint: 'for example cyclic(24, 2) for an hour of the day' });
  return { index, period, harmonics };
}

function oneHotColumn(name: string, index: number, { size }: { size: number }): OneHotColumn {
  if (!Number.isInteger(size) || size < 2 || size > 10_000)
    throw new MillraceError('BAD_ENCODING', `one-hot encoding of ${name} has size ${size}`, { hint: 'size is the number of categories, 2 to 10,000' });
  return { index, size };
}

function columnNames(names: readonly string[], numeric: readonly NumericColumn[], cyclic: readonly CyclicColumn[], oneHot: readonly OneHotColumn[]): string[] {
  const columns = numeric.map(({ index }) => names[index]!);
  for (const { index, harmonics } of cyclic) for (let k = 1; k <= harmonics; k++) columns.push(`sin ${k} ${names[index]}`, `cos ${k} ${names[index]}`);
  for (const { index, size } of oneHot) for (let category = 1; category < size; category++) columns.push(`${names[index]} = ${category}`);
  for (const { index, indicator } of numeric) if (indicator) columns.push(`missing ${names[index]}`);
  return columns;
}

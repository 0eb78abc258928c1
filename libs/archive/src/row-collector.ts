import { DuckDBBlobValue, DuckDBListValue, type DuckDBDataChunk } from '@duckdb/node-api';
import { MillraceError } from '@millrace/contracts';

const FIRST_CAPACITY = 4_096;

/** Labelled rows in flat arrays that grow. */
export class RowCollector {
  width = 0;
  private count = 0;
  private ids = new Uint8Array(0);
  private times = new Float64Array(0);
  private values = new Float32Array(0);
  private classes = new Uint8Array(0);

  get rows(): number {
    return this.count;
  }

  /** @throws MillraceError DATASET_INVALID for a row that a classifier over numbers cannot take */
  add(eventTime: number, eventId: unknown, numeric: unknown, categorical: unknown, label: unknown): void {
    if (!(eventId instanceof DuckDBBlobValue) || eventId.bytes.length !== 16) throw invalid('an event id has not 16 bytes');
    if (!(numeric instanceof DuckDBListValue)) throw invalid('a vector has no features');
    if (categorical instanceof DuckDBListValue && categorical.items.length > 0) throw invalid('a vector has categorical features, which no learner takes yet');
    if (label !== 0 && label !== 1) throw invalid(`a label is ${String(label)}, neither 0 nor 1`);
    const features = numeric.items as readonly number[];
    if (this.count === 0) this.width = features.length;
    if (features.length !== this.width) throw invalid(`vectors of one feature set have ${this.width} and ${features.length} features`);
    if (this.count === this.times.length) this.grow(Math.max(FIRST_CAPACITY, 2 * this.count));
    this.ids.set(eventId.bytes, 16 * this.count);
    this.times[this.count] = eventTime;
    this.values.set(features, this.width * this.count);
    this.classes[this.count] = label;
    this.count += 1;
  }

  /** What was collected; the collector is of no use afterwards. */
  take(): { rows: number; width: number; eventIds: Uint8Array; eventTimes: Float64Array; features: Float32Array; labels: Uint8Array } {
    const { count, width } = this;
    return {
      rows: count,
      width,
      eventIds: this.ids.slice(0, 16 * count),
      eventTimes: this.times.slice(0, count),
      features: this.values.slice(0, width * count),
      labels: this.classes.slice(0, count),
    };
  }

  private grow(capacity: number): void {
    const ids = new Uint8Array(16 * capacity);
    ids.set(this.ids);
    this.ids = ids;
    const times = new Float64Array(capacity);
    times.set(this.times);
    this.times = times;
    const values = new Float32Array(this.width * capacity);
    values.set(this.values);
    this.values = values;
    const classes = new Uint8Array(capacity);
    classes.set(this.classes);
    this.classes = classes;
  }
}

/** Calls `visit` for each row of a chunk with columns event_time, event_id, numeric, categorical, value. */
export function visitLabelledRows(
  chunk: DuckDBDataChunk,
  visit: (eventTime: number, eventId: unknown, numeric: unknown, categorical: unknown, label: unknown) => void,
): void {
  const [times, ids, numeric, categorical, labels] = chunk.getColumns();
  for (let row = 0; row < chunk.rowCount; row += 1) visit(Number(times?.[row]), ids?.[row], numeric?.[row], categorical?.[row], labels?.[row]);
}

function invalid(why: string): MillraceError {
  return new MillraceError('DATASET_INVALID', why);
}

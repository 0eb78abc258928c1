import { Column } from '../tables/column.ts';

const vectorOnce = 1;
const vectorTwice = 2;
const predictionOnce = 4;
const predictionTwice = 8;
const labelOnce = 16;
const labelTwice = 32;
const vectorWanted = 64;
const labelWanted = 128;
const labelMaybe = 256;
const predictionDue = 512;
const labelValued = 1024;
const labelIsOne = 2048;

const count = (flags: number, one: number, two: number): 0 | 1 | 2 => (flags & two ? 2 : flags & one ? 1 : 0);

/** What one model wants of each event of a lane, and what came; by position counted from the first that is kept. 18 bytes an event. */
export class Marks {
  private readonly flags = new Column(Uint16Array);
  private readonly offsets = new Column(Uint32Array);
  private readonly times = new Column(Float64Array);
  private readonly judgedIds = new Column(Uint32Array);

  wantVector(at: number): void {
    this.flags.mark(at, vectorWanted);
  }

  /** @param judged of the id of the judged event: its last four bytes */
  wantLabel(at: number, isCertain: boolean, judged: number): void {
    this.flags.mark(at, isCertain ? labelWanted : labelMaybe);
    this.judgedIds.set(at, judged);
  }

  /** What the label of an event must say; null: there must be none. */
  expectLabel(at: number, value: 0 | 1 | null): void {
    const rest = this.flags.get(at) & ~(labelWanted | labelMaybe | labelValued | labelIsOne);
    this.flags.set(at, value === null ? rest : rest | labelWanted | labelValued | (value === 1 ? labelIsOne : 0));
  }

  /** Undefined where nothing is known of it. */
  labelValue(at: number): 0 | 1 | undefined {
    const flags = this.flags.get(at);
    return flags & labelValued ? (flags & labelIsOne ? 1 : 0) : undefined;
  }

  vector(at: number, offset: number, timestamp: number, isDue: boolean): void {
    this.flags.mark(at, (this.flags.get(at) & vectorOnce ? vectorTwice : vectorOnce) | (isDue ? predictionDue : 0));
    this.offsets.set(at, offset);
    this.times.set(at, timestamp);
  }

  prediction(at: number): void {
    this.flags.mark(at, this.flags.get(at) & predictionOnce ? predictionTwice : predictionOnce);
  }

  label(at: number): void {
    this.flags.mark(at, this.flags.get(at) & labelOnce ? labelTwice : labelOnce);
  }

  vectors(at: number): 0 | 1 | 2 {
    return count(this.flags.get(at), vectorOnce, vectorTwice);
  }

  predictions(at: number): 0 | 1 | 2 {
    return count(this.flags.get(at), predictionOnce, predictionTwice);
  }

  labels(at: number): 0 | 1 | 2 {
    return count(this.flags.get(at), labelOnce, labelTwice);
  }

  wantsVector(at: number): boolean {
    return (this.flags.get(at) & vectorWanted) !== 0;
  }

  /** `maybe`: the label's expression may have no value. */
  wantsLabel(at: number): boolean | 'maybe' {
    const flags = this.flags.get(at);
    return flags & labelMaybe ? 'maybe' : (flags & labelWanted) !== 0;
  }

  /** Last four bytes of the id of the event that is judged. */
  judged(at: number): number {
    return this.judgedIds.get(at);
  }

  isDue(at: number): boolean {
    return (this.flags.get(at) & predictionDue) !== 0;
  }

  /** Offset of its newest vector. */
  vectorOffset(at: number): number {
    return this.offsets.get(at);
  }

  /** Append time of its newest vector. */
  vectorTime(at: number): number {
    return this.times.get(at);
  }
}

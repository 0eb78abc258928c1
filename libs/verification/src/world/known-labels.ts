import { Column } from '../tables/column.ts';

const once = 1;
const twice = 2;
const one = 4;

/** Labels of one model in a lane, by number of the judged event; of several the last that was read. 17 bytes an event. */
export class KnownLabels {
  private readonly flags = new Column(Uint8Array);
  private readonly labelTimes = new Column(Float64Array);
  private readonly laneTimes = new Column(Float64Array);

  add(number: number, value: number, labelTime: number, laneTime: number): void {
    this.flags.set(number, (this.flags.get(number) & once ? once | twice : once) | (value === 1 ? one : 0));
    this.labelTimes.set(number, labelTime);
    this.laneTimes.set(number, laneTime);
  }

  /** 2 = twice and more. */
  count(number: number): 0 | 1 | 2 {
    const flags = this.flags.get(number);
    return flags & twice ? 2 : flags & once ? 1 : 0;
  }

  isOne(number: number): boolean {
    return (this.flags.get(number) & one) !== 0;
  }

  labelTime(number: number): number {
    return this.labelTimes.get(number);
  }

  /** Highest event time of the lane when the label came. */
  laneTime(number: number): number {
    return this.laneTimes.get(number);
  }
}

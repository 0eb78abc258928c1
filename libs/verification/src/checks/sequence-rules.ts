import type { SeenRecord } from '../check.ts';
import { Column } from '../tables/column.ts';
import type { World } from '../world/world.ts';

/** A decider counts its events over all its topics. */
const deciderOf: Readonly<Record<string, string>> = { findings: 'findings', 'retrain-requested': 'findings', trainings: 'trainings', 'model-versions': 'versions', rollouts: 'rollouts' };
const topicsOf = (decider: string): string[] => Object.keys(deciderOf).filter((topic) => deciderOf[topic] === decider);

/** While records flow, one topic may be read up to a place where the other already has the next. */
const tail = 64;

interface Counted {
  readonly seen: Column<Uint8Array>;
  /** Append times. */
  readonly times: Column<Float64Array>;
  highest: number;
  lowest: number;
  /** Events without a sequence: from before there were any, so their number is the first sequence. */
  without: number;
}

/** The `sequence` header of each decider's events: rising along each topic, none twice, none left out. */
export class SequenceRules {
  private readonly newest = new Map<string, number>();
  private readonly counted = new Map<string, Counted>();

  *take(record: SeenRecord): Iterable<string> {
    const decider = deciderOf[record.kind];
    if (decider === undefined) return;
    let known = this.counted.get(decider);
    if (!known) this.counted.set(decider, (known = { seen: new Column(Uint8Array), times: new Column(Float64Array), highest: -1, lowest: Infinity, without: 0 }));
    const before = this.newest.get(record.kind) ?? -1;
    const text = /(?:^|,)sequence=(\d+)(?:,|$)/.exec(record.headers.toString('latin1'))?.[1];
    if (text === undefined) {
      if (before >= 0) yield `has no sequence behind one with the sequence ${before}`;
      else known.without++;
      return;
    }
    const sequence = Number(text);
    if (known.seen.get(sequence) > 0) yield `has the sequence ${sequence}, which another event of the decider has`;
    else if (sequence <= before) yield `has the sequence ${sequence} behind ${before}`;
    known.seen.set(sequence, 1);
    known.times.set(sequence, record.timestamp);
    known.highest = Math.max(known.highest, sequence);
    known.lowest = Math.min(known.lowest, sequence);
    this.newest.set(record.kind, Math.max(before, sequence));
  }

  /** What is missing, with the append time of what comes next. */
  *gaps(world: World): Iterable<{ topic: string; timestamp: number; sentence: string }> {
    for (const [decider, { seen, times, highest, lowest, without }] of this.counted) {
      const topics = topicsOf(decider);
      // Expired events leave no gap that one could tell.
      if (topics.some((topic) => world.rangesOf(topic).some(({ low }) => low > 0))) continue;
      if (lowest < without) yield { topic: topics[0]!, timestamp: times.get(lowest), sentence: `${without} events of ${topics.join(' and ')} have no sequence, though others begin at ${lowest}` };
      const last = world.settled ? highest : highest - tail;
      for (let sequence = without, next = without; sequence < last; sequence++) {
        if (seen.get(sequence) > 0) continue;
        for (next = Math.max(next, sequence + 1); seen.get(next) === 0; next++);
        yield { topic: topics[0]!, timestamp: times.get(next), sentence: `the event with sequence ${sequence} of ${topics.join(' and ')} is missing; the newest is ${highest}` };
      }
    }
  }
}

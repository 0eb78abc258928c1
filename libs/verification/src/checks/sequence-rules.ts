import type { SeenRecord } from '../check.ts';
import { Column } from '../tables/column.ts';
import type { World } from '../world/world.ts';

/** A decider counts its events over all its topics. */
const deciderOf: Readonly<Record<string, string>> = { findings: 'findings', 'retrain-requested': 'findings', trainings: 'trainings', 'model-versions': 'versions', rollouts: 'rollouts' };
const topicsOf = (decider: string): string[] => Object.keys(deciderOf).filter((topic) => deciderOf[topic] === decider);

/** While records flow, one topic may be read up to a place where the other already has the next. */
const tail = 64;

/** The `sequence` header of each decider's events: rising along each topic, none twice, none left out. */
export class SequenceRules {
  private readonly newest = new Map<string, number>();
  private readonly counted = new Map<string, { seen: Column<Uint8Array>; highest: number; without: number }>();

  *take(record: SeenRecord): Iterable<string> {
    const decider = deciderOf[record.kind];
    if (decider === undefined) return;
    let known = this.counted.get(decider);
    if (!known) this.counted.set(decider, (known = { seen: new Column(Uint8Array), highest: -1, without: 0 }));
    const text = /(?:^|,)sequence=(\d+)(?:,|$)/.exec(record.headers.toString('latin1'))?.[1];
    if (text === undefined) {
      known.without++;
      return;
    }
    const sequence = Number(text);
    const before = this.newest.get(record.kind) ?? -1;
    if (known.seen.get(sequence) > 0) yield `has the sequence ${sequence}, which another event of the decider has`;
    else if (sequence <= before) yield `has the sequence ${sequence} behind ${before}`;
    known.seen.set(sequence, 1);
    known.highest = Math.max(known.highest, sequence);
    this.newest.set(record.kind, Math.max(before, sequence));
  }

  *gaps(world: World): Iterable<{ topic: string; sentence: string }> {
    for (const [decider, { seen, highest, without }] of this.counted) {
      // Events from before there were sequences, or expired ones, leave no gap that one could tell.
      if (without > 0 || topicsOf(decider).some((topic) => world.rangesOf(topic).some(({ low }) => low > 0))) continue;
      const last = world.settled ? highest : highest - tail;
      for (let sequence = 0; sequence < last; sequence++)
        if (seen.get(sequence) === 0) yield { topic: topicsOf(decider)[0]!, sentence: `the event with sequence ${sequence} of ${topicsOf(decider).join(' and ')} is missing; the newest is ${highest}` };
    }
  }
}

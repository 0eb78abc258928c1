import { IdTable } from './id-table.ts';

/**
 * What was seen of an event that is predicted and of its outcome: posted (and not rejected), ingested, its vectors, whether a
 * prediction is due (its vector stands behind the first adopted route), predictions; the same for the outcome and its labels.
 */
export const sightings = ['posted', 'ingested', 'vectors', 'due', 'predictions', 'outcomePosted', 'outcomeIngested', 'labels'] as const;
export type Sighting = (typeof sightings)[number];

const columns = sightings.length;
const most = 255;

/** Counts of one event. */
export type Seen = Readonly<Record<Sighting, number>>;

/** How often each event was seen at each place of the flow, in some 40 bytes per event. */
export class History {
  private readonly ids = new IdTable();
  private counts = new Uint8Array(columns * 1024);
  private readonly sums: Record<Sighting, number> = { posted: 0, ingested: 0, vectors: 0, due: 0, predictions: 0, outcomePosted: 0, outcomeIngested: 0, labels: 0 };

  /** Events, seen anywhere. */
  get size(): number {
    return this.ids.size;
  }

  /** Records at each place. */
  get totals(): Seen {
    return this.sums;
  }

  /** @param id of the event that is predicted, also for its outcome and label */
  saw(id: Uint8Array, what: Sighting): void {
    const at = this.ids.number(id) * columns + sightings.indexOf(what);
    if (at >= this.counts.length) {
      const counts = new Uint8Array(this.counts.length * 2);
      counts.set(this.counts);
      this.counts = counts;
    }
    if (this.counts[at]! < most) this.counts[at] = this.counts[at]! + 1;
    this.sums[what]++;
  }

  /** How often an event was seen at one place. */
  of(id: Uint8Array, what: Sighting): number {
    const number = this.ids.find(id);
    return number < 0 ? 0 : this.counts[number * columns + sightings.indexOf(what)]!;
  }

  /** All events, one after the other; the object is the same each time. */
  *events(): Generator<Seen> {
    const seen: Record<Sighting, number> = { ...this.sums };
    for (let at = 0; at < this.ids.size * columns; at += columns) {
      for (let column = 0; column < columns; column++) seen[sightings[column]!] = this.counts[at + column]!;
      yield seen;
    }
  }
}

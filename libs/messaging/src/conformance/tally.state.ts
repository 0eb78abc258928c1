import { createHash } from 'node:crypto';
import { PredictionMade, type Event, type LabelObserved, type VectorComputed } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import type { Journal, StreamState } from '../handlers/stream-state.ts';

/** Counts by the first byte of the identity, from two inputs: a function of the set of what was read, whatever the order. */
export class TallyState implements StreamState {
  private tallies = new Map<number, { vectors: number; labels: number; sum: number }>();
  private overwritten: Map<number, { vectors: number; labels: number; sum: number } | undefined> | undefined;

  journal(): Journal {
    const overwritten = (this.overwritten = new Map<number, { vectors: number; labels: number; sum: number } | undefined>());
    return {
      commit: () => undefined,
      undo: () => {
        for (const [key, tally] of overwritten) if (tally) this.tallies.set(key, tally);
          else this.tallies.delete(key);
      },
    };
  }

  add(eventId: Uint8Array, kind: 'vectors' | 'labels', position: number): void {
    const key = eventId[0]!;
    const before = this.tallies.get(key);
    if (this.overwritten && !this.overwritten.has(key)) this.overwritten.set(key, before);
    const tally = { ...(before ?? { vectors: 0, labels: 0, sum: 0 }) };
    tally[kind]++;
    tally.sum += position;
    this.tallies.set(key, tally);
  }

  *snapshot(): Iterable<Uint8Array> {
    for (const [key, tally] of this.tallies) yield Buffer.from(JSON.stringify([key, tally]));
  }

  async restore(pages: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const page of pages) {
      const [key, tally] = JSON.parse(Buffer.from(page).toString()) as [number, { vectors: number; labels: number; sum: number }];
      this.tallies.set(key, tally);
    }
  }

  hash(): string {
    const rows = [...this.tallies].sort(([a], [b]) => a - b).map(([key, { vectors, labels, sum }]) => `${key}:${vectors}:${labels}:${sum}`);
    return createHash('sha256').update(rows.join('\n')).digest('hex');
  }
}

export function* tallyVectors(batch: Iterable<Read<VectorComputed>>, state: TallyState): Generator<Event> {
  for (const { event } of batch) {
    state.add(event.eventId, 'vectors', event.position);
    const { model, eventId, eventTime, acceptedAt, position } = event;
    yield new PredictionMade({ model, eventId, eventTime, acceptedAt, position, outcome: 'OK', score: 0.5, failure: null, role: 'CHAMPION', version: 1, bundle: '', epoch: 1, rolloutId: '', latencyMs: 0 });
  }
}

export function tallyLabels(batch: Iterable<Read<LabelObserved>>, state: TallyState): undefined {
  for (const { event } of batch) state.add(event.eventId, 'labels', event.position);
}

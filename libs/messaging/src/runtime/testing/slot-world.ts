import { PredictionMade, RolloutStarted, RouteAdopted, VectorComputed, type Event } from '@millrace/contracts';
import type { Read } from '../../handlers/read.ts';
import type { Journal, Standing, StreamState } from '../../handlers/stream-state.ts';
import type { StreamGroup } from '../service-runtime.ts';
import type { StreamHandler } from '../stream-spec.ts';
import { eventsOf } from './world.ts';

/** Counts vectors, knows the newest version that `rollouts` named, and says once per version that it was adopted. */
export class SlotState implements StreamState {
  count = 0;
  version = 0;
  adopted = 0;
  /** Where its loop reads on. */
  position = 0;

  journal(): Journal {
    const { count, adopted } = this;
    return { commit: () => undefined, undo: () => Object.assign(this, { count, adopted }) };
  }

  mark(): number {
    return this.adopted;
  }

  resume(mark: number | undefined): void {
    this.adopted = mark ?? 0;
  }

  *due({ positions }: Standing): Iterable<Event> {
    this.position = positions.get('feature-vectors.m')!;
    if (this.version <= this.adopted) return;
    this.adopted = this.version;
    yield new RouteAdopted({ model: 'm', rolloutId: 'r', slot: 0, epoch: this.version, offset: 0, instance: 'test' });
  }

  *snapshot(): Iterable<Uint8Array> {
    yield Buffer.from(JSON.stringify({ count: this.count, adopted: this.adopted }));
  }

  async restore(pages: AsyncIterable<Uint8Array>): Promise<void> {
    for await (const page of pages) Object.assign(this, JSON.parse(Buffer.from(page).toString()));
  }
}

export const vector = (id: string): VectorComputed => new VectorComputed({ model: 'm', eventId: Buffer.alloc(16, id), entityKeys: [id], eventTime: 0, acceptedAt: 0, position: 0, vectors: [] });
export const rollout = (version: number): RolloutStarted => new RolloutStarted({ model: 'm', rolloutId: `r${version}`, version, bundle: '', previousVersion: null, previousBundle: null, steps: [100] });

/** A group of one slot whose predictions carry the count (as position) and the version. `before` is called with each batch. */
export function slotGroup(before: (ids: string[], state: SlotState) => void | Promise<void> = () => undefined): StreamGroup {
  const vectors = async function* (batch: Iterable<Read>, state: SlotState): AsyncGenerator<Event> {
    const events = [...eventsOf<VectorComputed>(batch)];
    await before(events.map(({ entityKeys }) => entityKeys[0]!), state);
    for (const { eventId, entityKeys, eventTime, acceptedAt } of events) {
      const position = ++state.count;
      yield new PredictionMade({ model: 'm', eventId, eventTime, acceptedAt, position, outcome: 'OK', score: 0, failure: null, role: 'CHAMPION', version: state.version, bundle: entityKeys[0]!, epoch: 0, rolloutId: '', latencyMs: 0 });
    }
  };
  const rollouts = (batch: Iterable<Read>, state: SlotState): undefined => {
    for (const { version } of eventsOf<RolloutStarted>(batch)) state.version = version;
  };
  const handlers = [
    { event: VectorComputed, publishes: [PredictionMade, RouteAdopted], broadcast: false, handleBatch: vectors },
    { event: RolloutStarted, publishes: [], broadcast: true, handleBatch: rollouts },
  ] as unknown as StreamHandler[];
  return { state: SlotState, per: 'slot', handlers, newState: () => new SlotState() };
}

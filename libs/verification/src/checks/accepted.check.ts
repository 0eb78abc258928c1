import type { Check } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';

/** What a client knows of an event that it posted: where it stands, or the id that it must have got. */
export type Accepted = { readonly topic: string; readonly partition: number; readonly offset: number } | { readonly eventId: Uint8Array };

export interface AcceptedList {
  /** Acknowledged to the client: must be there. */
  readonly certain: Iterable<Accepted>;
  /** Without an answer: may be there or not. Only read when the list is complete. */
  readonly unknown?: Iterable<Accepted>;
  /** Whether nobody else posts: then what stands in no list was invented. By event ids only. */
  readonly complete?: boolean;
}

/** Whatever a client was told to be accepted is in the log with an outcome. */
export class AcceptedCheck implements Check {
  readonly name = 'accepted';
  readonly promise = 'what a client was told to be accepted is there';
  readonly found: Violations;
  private readonly list: AcceptedList;

  constructor(bounds: Bounds, list: AcceptedList) {
    this.found = new Violations(bounds);
    this.list = list;
  }

  end(world: World): void {
    const known = new Set<string>();
    for (const accepted of this.list.certain) {
      this.found.seen++;
      if ('eventId' in accepted) this.id(accepted.eventId, world, known);
      else this.place(accepted, world);
    }
    if (!this.list.complete) return;
    for (const accepted of this.list.unknown ?? []) if ('eventId' in accepted) known.add(hex(accepted.eventId));
    for (const [partition, lane] of world.lanes)
      for (let number = 0; number < lane.ids.size; number++)
        if (!known.has(hex(lane.ids.at(number)))) this.found.add({ topic: 'event-ingested', partition, offset: -1, timestamp: Number.NaN }, `the event ${hex(lane.ids.at(number))} was ingested, but no client posted it`);
  }

  private id(eventId: Uint8Array, world: World, known: Set<string>): void {
    if (this.list.complete) known.add(hex(eventId));
    if ([...world.lanes.values()].some(({ ids }) => ids.find(eventId) >= 0)) return;
    this.found.add({ topic: 'event-ingested', partition: -1, offset: -1, timestamp: Number.NaN }, `the event ${hex(eventId)} was acknowledged, but was never ingested`);
  }

  private place({ topic, partition, offset }: { topic: string; partition: number; offset: number }, world: World): void {
    const table = world.sources.get(`${world.local(topic)}/${partition}`);
    if (table && (table.isExpired(offset) || (table.isVisible(offset) && (table.outcomes(offset) > 0 || !world.settled)))) return;
    this.found.add({ topic: world.local(topic), partition, offset, timestamp: Number.NaN }, table?.isVisible(offset) ? 'was acknowledged, but has no outcome' : 'was acknowledged, but no committed record stands there');
  }
}

const hex = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex');

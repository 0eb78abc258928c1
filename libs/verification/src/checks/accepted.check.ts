import type { Check } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';

/** What a client knows of an event that it posted: where it stands, or the id that it must have got. */
export type Accepted = { readonly topic: string; readonly partition: number; readonly offset: number } | { readonly eventId: Uint8Array };

export interface AcceptedList {
  /** Acknowledged to the client: must be there. */
  readonly certain: Iterable<Accepted>;
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
    for (const accepted of this.list.certain) {
      this.found.seen++;
      if ('eventId' in accepted) this.id(accepted.eventId, world);
      else this.place(accepted, world);
    }
  }

  private id(eventId: Uint8Array, world: World): void {
    if ([...world.lanes.values()].some(({ ids }) => ids.find(eventId) >= 0)) return;
    this.found.add({ topic: 'event-ingested', partition: -1, offset: -1, timestamp: Number.NaN }, `the event ${hex(eventId)} was acknowledged, but was never ingested`);
  }

  private place({ topic, partition, offset }: { topic: string; partition: number; offset: number }, world: World): void {
    const table = world.sources.get(`${world.local(topic)}/${partition}`);
    if (table?.isExpired(offset)) return;
    const place = { topic: world.local(topic), partition, offset };
    if (!table?.isVisible(offset)) this.found.add({ ...place, timestamp: Number.NaN }, 'was acknowledged, but no committed record stands there');
    else if (world.settled && table.outcomes(offset) === 0) this.found.add({ ...place, timestamp: table.time(offset) }, 'was acknowledged, but has no outcome');
  }
}

const hex = (id: Uint8Array): string => Buffer.from(id.buffer, id.byteOffset, id.length).toString('hex');

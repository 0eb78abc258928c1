import type { Check, SeenRecord } from '../check.ts';
import { compactedKinds } from '../history/topic-kind.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';

/** No aborted record is seen by anyone: not by a read_committed reader, and not by a service that went on to tell of it. */
export class VisibilityCheck implements Check {
  readonly name = 'visibility';
  readonly promise = 'no aborted record is visible, and nothing refers to one';
  readonly found: Violations;
  aborted = 0;

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord, world: World): void {
    if (!this.found.judges(record.timestamp)) return;
    // Between the two reads a record of a compacted topic may be taken away.
    if (!record.stored && compactedKinds.has(record.kind)) return;
    if (!record.stored) return this.found.add(record, 'is shown by read_committed, but not by read_uncommitted');
    if (!record.visible && !compactedKinds.has(record.kind)) this.aborted++;
    const { event } = record;
    if (!event) return;
    if (event.stem === 'event-ingested') return this.source(record, event.fields.source, world);
    if (event.stem === 'vector-computed' || event.stem === 'prediction-made') return this.cause(record, world, true);
    if (event.stem === 'label-observed') return this.cause(record, world, false);
    if (event.stem === 'window-summarised') return this.inputs(record, world);
    if (event.stem === 'definition-activated') {
      const { hash, definitions } = event.fields;
      const applied = world.declared.applied.get(hash);
      if (!applied) this.found.add(record, `activates the definitions ${hash}, which were never applied`);
      else if (applied.text !== definitions) this.found.add(record, `activates other definitions than those that were applied as ${hash}`);
    }
  }

  private source(record: SeenRecord, { topic, partition, offset }: { topic: string; partition: number; offset: number }, world: World): void {
    const table = world.sources.get(`${world.local(topic)}/${partition}`);
    if (table?.isAborted(offset)) this.found.add(record, `refers to ${world.local(topic)}/${partition} offset ${offset}, a record that was aborted`);
  }

  /** A summary says how far its slot has read; it can have read nothing behind the end of an input, where aborted records count too. */
  private inputs(record: SeenRecord, world: World): void {
    const { vectors, predictions, labels } = record.event!.fields.revision;
    for (const [kind, next] of Object.entries({ 'feature-vectors': vectors, predictions, labels })) {
      const end = world.range(`${kind}.${record.of}`, record.partition)?.end ?? 0;
      if (next > end) this.found.add(record, `has read ${kind}.${record.of}/${record.partition} up to offset ${next}, which ends before ${end}`);
    }
  }

  private cause(record: SeenRecord, world: World, isSameEvent: boolean): void {
    const { position, eventId } = record.event!.fields;
    const lane = world.laneOf(record.partition);
    if (lane?.isExpired(position)) return;
    const place = `event-ingested/${Math.floor(record.partition / world.declared.slots)} offset ${position}`;
    if (!lane || !lane.has(position)) return this.found.add(record, lane?.isAborted(position) ? `refers to ${place}, a record that was aborted` : `refers to ${place}, where no ingested event stands`);
    if (isSameEvent && !lane.id(position).equals(eventId)) this.found.add(record, `refers to ${place}, which is another event`);
    if (record.event!.stem !== 'vector-computed') return;
    const { eventTime, acceptedAt } = record.event!.fields;
    if (eventTime !== lane.eventTime(position) || acceptedAt !== lane.acceptedAt(position)) this.found.add(record, `has other times than its event at ${place}`);
  }
}

import { crc32 } from 'node:zlib';
import type { Check, SeenRecord } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';
import { identity } from '../world/declared-sets.ts';
import type { World } from '../world/world.ts';

/** Each committed record of `events.<stream>` has one outcome, ingested or rejected; what was ingested is what was posted, in its order. */
export class OutcomesCheck implements Check {
  readonly name = 'outcomes';
  readonly promise = 'each posted record has one outcome, ingested or rejected, and was ingested as it was posted';
  readonly found: Violations;
  /** Newest source offset by lane and source partition. */
  private readonly newest = new Map<string, number>();
  waiting = 0;

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord, world: World): void {
    const { event } = record;
    if (event?.stem !== 'event-ingested' && event?.stem !== 'event-rejected') return;
    if (!this.found.judges(record.timestamp)) return;
    const { stream, source, acceptedAt } = event.fields;
    const place = `${world.local(source.topic)}/${source.partition}`;
    const table = world.sources.get(place);
    if (world.local(source.topic) !== `events.${stream}` || source.partition !== record.partition) this.found.add(record, `comes from ${place}, which does not feed the stream ${stream} of lane ${record.partition}`);
    if (!table || source.offset >= table.range.end) return this.found.add(record, `is the outcome of ${place} offset ${source.offset}, where nothing was posted`);
    if (table.isExpired(source.offset)) return;
    if (table.outcomes(source.offset) > 1) this.found.add(record, `is a second outcome of ${place} offset ${source.offset}`);
    if (event.stem === 'event-rejected') return; // read before the posted records: the rest is judged with their bytes
    if (!table.isVisible(source.offset)) return table.isAborted(source.offset) ? undefined : this.found.add(record, `is the outcome of ${place} offset ${source.offset}, where no record stands`);
    if (acceptedAt !== table.time(source.offset)) this.found.add(record, `says it was accepted at ${acceptedAt}, but ${place} offset ${source.offset} was appended at ${table.time(source.offset)}`);
    if (frameSum(event.fields) !== table.sum(source.offset)) this.found.add(record, `has a payload that differs from ${place} offset ${source.offset}`);
    const before = this.newest.get(`${record.partition} ${place}`) ?? -1;
    if (source.offset <= before && table.outcomes(source.offset) < 2) this.found.add(record, `comes after the outcome of offset ${before} of ${place}, though offset ${source.offset} was posted before`);
    this.newest.set(`${record.partition} ${place}`, Math.max(before, source.offset));
    this.identity(record, world);
  }

  end(world: World): void {
    for (const table of world.sources.values()) {
      const { topic, partition, low, end } = table.range;
      for (let offset = low; offset < end; offset++) {
        if (!table.isVisible(offset) || table.outcomes(offset) > 0) continue;
        if (!world.settled && offset > table.highestIngested) this.waiting++;
        else this.found.add({ topic, partition, offset, timestamp: table.time(offset) }, 'was posted and committed, but has no outcome: neither ingested nor rejected');
      }
    }
  }

  private identity(record: SeenRecord, world: World): void {
    const { stream, eventId, eventTime } = record.event!.fields;
    const lane = world.lanes.get(record.partition);
    const declared = lane?.set?.streams.find(({ name }) => name === stream);
    if (!lane?.newest || !declared) return;
    const { fields } = lane.newest;
    if (!fields) return this.found.add(record, `was ingested into ${stream}, but no schema of that stream reads its payload`);
    const id = declared.id;
    if (id !== undefined && !identity(stream, fields[id], declared.fields.find(({ name }) => name === id)?.kind).equals(eventId)) this.found.add(record, `has an event id that is not the one of ${stream} ${String(fields[id])}`);
    if (Number(fields[declared.eventTime]) !== eventTime) this.found.add(record, `says its event time is ${eventTime}, its payload says ${String(fields[declared.eventTime])}`);
  }
}

function frameSum({ schemaId, payload }: { schemaId: number; payload: Buffer }): number {
  const frame = Buffer.alloc(5);
  frame.writeInt32BE(schemaId, 1);
  return crc32(payload, crc32(frame));
}

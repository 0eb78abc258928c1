import type { SeenRecord } from '../check.ts';
import { schemaIdOf } from '../avro/own-events.ts';
import type { Place } from '../violations.ts';
import type { DeclaredSets } from '../world/declared-sets.ts';

/** Causes that say that no declared schema reads the value. What schemas do not say is not judged: ranges of fields, times, sizes. */
const ofUnreadable: ReadonlySet<string> = new Set(['NOT_AVRO', 'UNKNOWN_SCHEMA']);

/** How far clocks of brokers may differ, ms: two append times of different partitions that are nearer to each other have no order. */
const skewMs = 5000;

interface Readable {
  readonly place: Place;
  readonly lane: number;
  readonly schemaId: number;
  /** Append time of the posted record. */
  readonly acceptedAt: number;
  readonly sentence: string;
}

/** Records that were rejected because no schema reads them, though one does that the lane had in force all the time. */
export class ReadableRejections {
  private readonly readable: Readable[] = [];
  /** Sets of definitions in the order of their topic. */
  private readonly applied: { readonly offset: number; readonly timestamp: number; readonly schemas: ReadonlySet<number> }[] = [];
  /** By lane, in its order: where the set stands that was activated. */
  private readonly activated = new Map<number, { readonly timestamp: number; readonly offset: number }[]>();

  /** By lane and schema: append time of the first event that is left of those that were ingested by it. */
  private readonly ingested = new Map<number, Map<number, number>>();

  take({ event, partition, offset, timestamp }: SeenRecord): void {
    if (event?.stem === 'definition-applied') this.applied.push({ offset, timestamp, schemas: new Set((event.fields.schemas as { schemaId: number }[]).map(({ schemaId }) => schemaId)) });
    if (event?.stem === 'event-ingested') this.ingestedBy(event.fields.schemaId, partition, timestamp);
    if (event?.stem !== 'definition-activated') return;
    const before = this.activated.get(partition) ?? [];
    this.activated.set(partition, [...before, { timestamp, offset: event.fields.appliedOffset }]);
  }

  /** Takes a rejection of a single record whose value was kept as a whole. */
  rejected({ event, topic, partition, offset, timestamp }: SeenRecord, declared: DeclaredSets): void {
    const { stream, code, value, acceptedAt } = event!.fields as { stream: string; code: string; value: Buffer | null; acceptedAt: number };
    if (!ofUnreadable.has(code) || !value || value.length < 5 || value[0] !== 0) return;
    const schemaId = schemaIdOf(value);
    if (!declared.payload(stream, schemaId, value.subarray(5))) return;
    this.readable.push({ place: { topic, partition, offset, timestamp }, lane: partition, schemaId, acceptedAt, sentence: `rejects a record as ${code}, but schema ${schemaId} of ${stream} was in force and reads all of it` });
  }

  /**
   * Those that are certain. The lane had activated definitions with the schema before the record was posted (or, where that is too old to
   * be kept, had ingested an event by it), and each set that was applied from then on until the rejection has the schema too: whichever of
   * them was in force, it read the record.
   */
  *undeserved(): Iterable<{ place: Place; sentence: string }> {
    for (const { place, lane, schemaId, acceptedAt, sentence } of this.readable) {
      const isBefore = (timestamp: number): boolean => timestamp + skewMs < acceptedAt;
      const wasUsed = isBefore(this.ingested.get(lane)?.get(schemaId) ?? Infinity);
      const first = this.activated.get(lane)?.findLast(({ timestamp }) => isBefore(timestamp))?.offset ?? (wasUsed ? this.applied.find(({ schemas }) => schemas.has(schemaId))?.offset : undefined);
      if (first === undefined) continue;
      const sets = this.applied.filter(({ offset, timestamp }) => offset >= first && timestamp <= place.timestamp + skewMs);
      if (sets[0]?.offset === first && sets.every(({ schemas }) => schemas.has(schemaId))) yield { place, sentence };
    }
  }

  private ingestedBy(schemaId: number, lane: number, timestamp: number): void {
    let first = this.ingested.get(lane);
    if (!first) this.ingested.set(lane, (first = new Map()));
    if (!first.has(schemaId)) first.set(schemaId, timestamp);
  }
}

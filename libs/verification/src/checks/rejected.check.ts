import { createHash } from 'node:crypto';
import type { Check, SeenRecord } from '../check.ts';
import { Violations, type Bounds, type Place } from '../violations.ts';
import type { World } from '../world/world.ts';
import { isPrinted } from './printed-headers.ts';
import { ReadableRejections } from './readable-rejections.ts';
import { batchRange } from './record-batch.ts';

/** What a rejection says of the record that it is about; only digests of its bytes are kept. */
interface Rejection {
  readonly place: Place;
  readonly key: string;
  readonly value: string;
  /** Undefined where they were too large to be kept. */
  readonly headers: Readonly<Record<string, Buffer>> | undefined;
  /** Bytes that were kept of a value that was too large, and their digest. */
  readonly beginning: { readonly bytes: number; readonly digest: string } | undefined;
  readonly acceptedAt: number;
  isMatched: boolean;
}

/** A batch that cannot be decoded is rejected as a whole: what stands in events-rejected are the bytes of the batch, not of a record. */
const ofBatches: ReadonlySet<string> = new Set(['RECORD_BATCH_CORRUPT', 'COMPRESSED_BATCH_TOO_LARGE', 'COMPRESSION_UNSUPPORTED']);

/** Each record that could not be accepted stands in events-rejected once, with its bytes as posted; what could be read is not said to be unreadable. */
export class RejectedCheck implements Check {
  readonly name = 'rejected';
  readonly promise = 'each rejected record stands in events-rejected once, with key, value and headers as posted; none is called unreadable that its schema reads';
  readonly found: Violations;
  private readonly rejections = new Map<string, Rejection>();
  private readonly readable = new ReadableRejections();
  /** Rejected batches by their first offset. */
  private readonly batches = new Map<string, { place: Place; isSound: boolean }>();

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord, world: World): void {
    this.readable.take(record);
    if (record.event?.stem === 'event-rejected') this.rejected(record, world);
    if (record.kind === 'events') this.posted(record);
  }

  end(world: World): void {
    for (const { place, sentence } of this.readable.undeserved()) this.found.add(place, sentence);
    for (const [at, { place, isMatched }] of this.rejections) {
      if (isMatched) continue;
      const slash = at.lastIndexOf('/');
      const table = world.sources.get(at.slice(0, slash));
      const offset = Number(at.slice(slash + 1));
      if (!table?.isExpired(offset)) this.found.add(place, table?.isAborted(offset) ? `rejects ${at}, a record that was aborted` : `rejects ${at}, where no record stands`);
    }
  }

  private rejected(record: SeenRecord, world: World): void {
    const { source, key, value, headers, acceptedAt, code, reason, offsets = 1, cuts = [] } = record.event!.fields;
    if (!this.found.judges(record.timestamp)) return;
    if (!code || !reason) this.found.add(record, 'names no cause');
    const at = `${world.local(source.topic)}/${source.partition}/${source.offset}`;
    const { topic, partition, offset, timestamp } = record;
    if (this.rejections.has(at) || this.batches.has(at)) return this.found.add(record, `rejects ${at} a second time`);
    if (ofBatches.has(code)) {
      const batch = batchRange(value, cuts.some(({ part }: { part: string }) => part === 'value'));
      this.batches.set(at, { place: { topic, partition, offset, timestamp }, isSound: batch !== undefined });
      // A reader that begins within a batch answers for the rest of it.
      if (batch && !(batch.base <= source.offset && batch.base + batch.offsets === source.offset + offsets)) this.found.add(record, `is the outcome of ${offsets} offsets from ${at} on; its batch has ${batch.offsets} from ${batch.base} on`);
      return;
    }
    if (offsets > 1) return this.found.add(record, `rejects ${offsets} offsets from ${at} on by ${code}, which is a cause of single records`);
    // The views would keep the whole piece that was read.
    const copied = Object.fromEntries(Object.entries(headers as Record<string, Buffer>).map(([name, bytes]) => [name, Buffer.from(bytes)]));
    // Of parts that are too large for one record the beginning is kept, and the digest of all.
    const cut = (part: string): string | undefined => (cuts as { part: string; sha256: Buffer }[]).find((each) => each.part === part)?.sha256.toString('base64');
    if (cut('value') === undefined) this.readable.rejected(record, world.declared);
    this.rejections.set(at, {
      place: { topic, partition, offset, timestamp }, key: cut('key') ?? digest(key), value: cut('value') ?? digest(value), headers: cut('headers') === undefined ? copied : undefined,
      beginning: cut('value') === undefined ? undefined : { bytes: value.length, digest: digest(value) }, acceptedAt, isMatched: false,
    });
  }

  private posted(record: SeenRecord): void {
    if ((this.rejections.size === 0 && this.batches.size === 0) || !record.visible || !record.stored) return;
    const key = `${record.topic}/${record.partition}/${record.offset}`;
    const batch = this.batches.get(key);
    // kcat judges checksums: of a batch that is truly damaged it shows nothing.
    if (batch && !batch.isSound) this.found.add(batch.place, `rejects a damaged batch at ${key}, but its value is no batch and the record there can be read`);
    const rejection = this.rejections.get(key);
    if (!rejection) return;
    rejection.isMatched = true;
    const { place } = rejection;
    const at = `${record.topic}/${record.partition} offset ${record.offset}`;
    if (rejection.key !== digest(record.key)) this.found.add(place, `has a key that differs from ${at}`);
    if (rejection.value !== digest(record.value)) this.found.add(place, `has a value that differs from ${at}`);
    if (rejection.beginning && rejection.beginning.digest !== digest(record.value?.subarray(0, rejection.beginning.bytes) ?? null)) this.found.add(place, `does not begin as ${at} does`);
    if (rejection.headers && !isPrinted(record.headers, rejection.headers)) this.found.add(place, `has headers that differ from ${at}`);
    if (rejection.acceptedAt !== record.timestamp) this.found.add(place, `says it was accepted at ${rejection.acceptedAt}, but ${at} was appended at ${record.timestamp}`);
  }
}

const digest = (bytes: Buffer | null): string => (bytes === null ? '' : createHash('sha256').update(bytes).digest('base64'));

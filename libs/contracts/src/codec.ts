import type avro from 'avsc';
import { boundedType } from './bounded-type.ts';
import type { Event, EventClass } from './event.ts';
import { allEvents } from './generated/index.ts';
import { MillraceError } from './millrace-error.ts';

/** Bytes before the Avro body in Confluent framing: a zero and the 4-byte schema id. */
export const frameBytes = 5;

interface Codec {
  readonly event: EventClass;
  readonly type: avro.Type;
}

const codecs = new Map<number, Codec>();
const byClass = new Map<unknown, Codec>();
for (const event of allEvents as readonly EventClass[]) {
  const type = boundedType(event.schema!);
  // Decoded values become instances of the event class at no cost: their prototype's prototype is the class's.
  const constructor = (type as unknown as { recordConstructor: { prototype: object } }).recordConstructor;
  Object.setPrototypeOf(constructor.prototype, event.prototype as object);
  const codec = { event, type };
  codecs.set(event.schemaId, codec);
  byClass.set(event, codec);
}

const classes = new WeakMap<object, EventClass>();

/**
 * Class of an event, whether made by `new` or decoded.
 * @throws MillraceError NOT_AN_EVENT
 */
export function classOf(event: Event): EventClass {
  const own = Object.getPrototypeOf(event) as object;
  let type = classes.get(own);
  for (let prototype: object | null = own; !type && prototype; prototype = Object.getPrototypeOf(prototype) as object | null) {
    const { constructor } = prototype as { constructor: object };
    if (Object.hasOwn(constructor, 'stem')) type = constructor as EventClass;
  }
  if (!type) throw new MillraceError('NOT_AN_EVENT', `${(event as object)?.constructor?.name ?? typeof event} is no event of the contracts`);
  classes.set(own, type);
  return type;
}

/**
 * Reads the schema id of a framed record.
 * @throws MillraceError NOT_AVRO when the frame is missing
 */
export function schemaIdOf(value: Uint8Array | null): number {
  if (!value || value.length < frameBytes || value[0] !== 0)
    throw new MillraceError('NOT_AVRO', 'the record does not begin with a zero byte and a 4-byte schema id', { hint: 'post Avro in Confluent framing' });
  return Buffer.from(value.buffer, value.byteOffset, frameBytes).readInt32BE(1);
}

/** Decodes an Avro body. @throws MillraceError NOT_AVRO when bytes are missing, left over or out of bounds */
export function decodeBody(type: avro.Type, value: Buffer, from = frameBytes): unknown {
  let result: { value: unknown; offset: number };
  try {
    result = type.decode(value, from) as unknown as { value: unknown; offset: number };
  } catch (error) {
    if (error instanceof MillraceError) throw error;
    throw new MillraceError('NOT_AVRO', `the body does not follow its schema: ${(error as Error).message}`, { cause: error });
  }
  if (result.offset < 0) throw new MillraceError('NOT_AVRO', `the body ends too early after ${value.length - from} bytes`);
  if (result.offset !== value.length) throw new MillraceError('NOT_AVRO', `${value.length - result.offset} bytes are left over after the body`);
  return result.value;
}

/**
 * Decodes one of the platform's own events.
 * @throws MillraceError NOT_AVRO, or UNKNOWN_SCHEMA for an id that is not in schema-ids.ts
 */
export function decodeEvent(value: Buffer | null): Event {
  const codec = codecs.get(schemaIdOf(value));
  if (!codec) throw new MillraceError('UNKNOWN_SCHEMA', `no event has the schema id ${schemaIdOf(value)}`, { hint: 'the record was written by a newer version: upgrade this service' });
  return decodeBody(codec.type, value!) as Event;
}

function codecOf(event: Event): Codec {
  const type = classOf(event);
  const codec = byClass.get(type);
  if (!codec) throw new MillraceError('NOT_AN_EVENT', `${type.stem} has no schema of ours, so it cannot be written`);
  return codec;
}

const slabBytes = 1 << 18;

/** Encodes events one behind the other into shared memory; each result stays valid, nothing is copied. */
export class EventEncoder {
  private slab = Buffer.allocUnsafeSlow(slabBytes);
  private used = 0;

  /** Frame and body. @throws MillraceError INVALID_EVENT naming the field that does not fit its schema */
  encode(event: Event): Buffer {
    const { type, event: { schemaId, stem } } = codecOf(event);
    let end: number;
    try {
      end = type.encode(event, this.slab, this.used + frameBytes);
    } catch (error) {
      throw new MillraceError('INVALID_EVENT', `${stem} does not fit its schema: ${fault(type, event) ?? (error as Error).message}`, { cause: error });
    }
    // A negative result says by how many bytes the slab was too small.
    if (end < 0) {
      const needed = this.slab.length - end - this.used;
      this.slab = Buffer.allocUnsafeSlow(Math.max(slabBytes, needed));
      this.used = 0;
      return this.encode(event);
    }
    const value = this.slab.subarray(this.used, end);
    value[0] = 0;
    value.writeInt32BE(schemaId, 1);
    this.used = end;
    return value;
  }
}

function fault(type: avro.Type, event: Event): string | undefined {
  let text: string | undefined;
  type.isValid(event, { errorHook: (path, value) => (text ??= `${path.join('.')} is ${String(value)}`) });
  return text;
}

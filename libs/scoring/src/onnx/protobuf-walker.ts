import { ModelRefusal } from './model-refusal.ts';

export const Wire = { varint: 0, fixed64: 1, bytes: 2, fixed32: 5 } as const;

/** One field of a message: `start` and `end` enclose its content, `value` is that of a varint (int64; beyond 2^53 rounded). */
export type OnField = (number: number, wire: number, start: number, end: number, value: number) => void;

/**
 * Walks over Protocol Buffers messages without building anything. Stricter than a parser: no groups, no lengths beyond the message,
 * no varints of more than 64 bits, and no more fields in all than allowed.
 * Source: protobuf.dev, "Encoding".
 *
 * @example
 * new ProtobufWalker(Uint8Array.of(0x08, 0x96, 0x01), 10).each(0, 3, (field, _, __, ___, value) => console.log(field, value)); // 1 150
 */
export class ProtobufWalker {
  readonly bytes: Uint8Array;
  private fieldsLeft: number;
  private at = 0;

  constructor(bytes: Uint8Array, maxFields: number) {
    this.bytes = bytes;
    this.fieldsLeft = maxFields;
  }

  /** Calls back for each field of the message in [start, end). @throws ModelRefusal */
  each(start: number, end: number, onField: OnField): void {
    let at = start;
    while (at < end) {
      if (this.fieldsLeft-- <= 0) throw new ModelRefusal('the file has too many protobuf fields');
      this.at = at;
      const tag = this.varint(end);
      const number = Math.floor(tag / 8);
      const wire = tag % 8;
      if (number < 1 || number >= 2 ** 29) throw new ModelRefusal(`the file is no protobuf: field ${number} at byte ${at}`);
      let value = 0;
      let from = this.at;
      let length: number;
      if (wire === Wire.varint) {
        value = this.varint(end);
        length = this.at - from;
      } else if (wire === Wire.bytes) {
        length = this.varint(end);
        from = this.at;
      } else if (wire === Wire.fixed32) length = 4;
      else if (wire === Wire.fixed64) length = 8;
      else throw new ModelRefusal(`the file is no protobuf: wire type ${wire} at byte ${at}`);
      if (!(length >= 0 && length <= end - from)) throw new ModelRefusal(`the file is cut off or no protobuf: ${length} bytes at byte ${from} of a message that ends at ${end}`);
      at = from + length;
      onField(number, wire, from, at, value);
    }
  }

  /** The varints that fill [start, end), as in a packed field. */
  packed(start: number, end: number, onValue: (value: number) => void): void {
    this.at = start;
    while (this.at < end) onValue(this.varint(end));
  }

  private varint(end: number): number {
    let low = 0;
    let high = 0;
    for (let i = 0; i < 10; i++) {
      if (this.at >= end) throw new ModelRefusal(`the file is cut off at byte ${this.at}`);
      const byte = this.bytes[this.at++]!;
      const bits = byte & 127;
      if (i < 4) low += bits * 2 ** (7 * i);
      else if (i === 4) {
        low += (bits & 15) * 2 ** 28;
        high += bits >> 4;
      } else if (i < 9) high += bits * 2 ** (7 * i - 32);
      else if (bits > 1) break;
      else high += bits * 2 ** 31;
      if (byte < 128) return (high | 0) * 2 ** 32 + low;
    }
    throw new ModelRefusal(`the file is no protobuf: a number of more than 64 bits before byte ${this.at}`);
  }
}

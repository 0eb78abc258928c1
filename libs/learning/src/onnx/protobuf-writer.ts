const encoder = new TextEncoder();

/**
 * Writes one Protocol Buffers message, field by field, in the order of the calls: the same calls give the same bytes.
 * Source: protobuf.dev, "Encoding" (wire types 0, varint, and 2, length-delimited).
 *
 * @example new ProtobufWriter().varint(1, 150).bytes() // 08 96 01
 */
export class ProtobufWriter {
  readonly #parts: Uint8Array[] = [];

  /** A whole number in [0, 2⁵³). */
  varint(field: number, value: number): this {
    this.#parts.push(varintOf(field * 8), varintOf(value));
    return this;
  }

  raw(field: number, value: Uint8Array): this {
    this.#parts.push(varintOf(field * 8 + 2), varintOf(value.length), value);
    return this;
  }

  text(field: number, value: string): this {
    return this.raw(field, encoder.encode(value));
  }

  message(field: number, write: (message: ProtobufWriter) => unknown): this {
    const message = new ProtobufWriter();
    write(message);
    return this.raw(field, message.bytes());
  }

  bytes(): Uint8Array<ArrayBuffer> {
    const all = new Uint8Array(this.#parts.reduce((length, part) => length + part.length, 0));
    let at = 0;
    for (const part of this.#parts) {
      all.set(part, at);
      at += part.length;
    }
    return all;
  }
}

function varintOf(value: number): Uint8Array {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  bytes.push(rest);
  return Uint8Array.from(bytes);
}

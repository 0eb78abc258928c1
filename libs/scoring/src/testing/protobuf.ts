/** Bytes of one field; a message is the concatenation of its fields. */
export type Bytes = Uint8Array;

/** Base-128 of the low 64 bits of a number, ten bytes for a negative one. Source: protobuf.dev, "Encoding". */
export function varint(value: number | bigint): Bytes {
  const bytes: number[] = [];
  let rest = BigInt.asUintN(64, BigInt(value));
  for (; rest >= 128n; rest >>= 7n) bytes.push(Number(rest & 127n) + 128);
  bytes.push(Number(rest));
  return Uint8Array.from(bytes);
}

export const message = (...fields: readonly Bytes[]): Bytes => new Uint8Array(Buffer.concat(fields));
export const number = (field: number, value: number | bigint): Bytes => message(varint(field * 8), varint(value));
export const raw = (field: number, value: Bytes): Bytes => message(varint(field * 8 + 2), varint(value.length), value);
export const text = (field: number, value: string): Bytes => raw(field, new TextEncoder().encode(value));
export const nested = (field: number, ...fields: readonly Bytes[]): Bytes => raw(field, message(...fields));

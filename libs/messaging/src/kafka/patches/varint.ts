/**
 * Zigzag variable-length integers of the Kafka record format v2
 * (https://kafka.apache.org/documentation/#recordbatch; Protocol Buffers, "Signed Integers").
 * Values are plain numbers within ±2^52, which covers offsets, lengths and milliseconds.
 *
 * @example sizeOfVarint(-1) // 1, encoded as 0x01
 */
export function sizeOfVarint(value: number): number {
  let rest = zigzag(value);
  let size = 1;
  while (rest > 127) {
    rest = Math.floor(rest / 128);
    size++;
  }
  return size;
}

/** Writes `value` at `position` and returns the position behind it. */
export function writeVarint(target: Uint8Array, position: number, value: number): number {
  let rest = zigzag(value);
  while (rest > 127) {
    // Bitwise operators keep the low 32 bits only; seven of them are all that is needed here.
    target[position++] = (rest & 127) | 128;
    rest = rest < 0x80000000 ? rest >>> 7 : Math.floor(rest / 128);
  }
  target[position++] = rest;
  return position;
}

function zigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1;
}

/** Below this length a loop is faster than the call into Buffer's native copy. */
const SHORT = 24;

/**
 * Appends `length` bytes that begin `offset` bytes before `to`: what the copies of snappy and LZ4 mean. They may reach into what they
 * write themselves, which repeats it.
 *
 * @returns the position behind them
 * @example copyBack(Buffer.from('ab......'), 2, 2, 6) // 'abababab', returns 8
 */
export function copyBack(bytes: Buffer, to: number, offset: number, length: number): number {
  const end = to + length;
  if (length < SHORT) {
    for (let at = to; at < end; at++) bytes[at] = bytes[at - offset]!;
    return end;
  }
  if (offset === 1) {
    bytes.fill(bytes[to - 1]!, to, end);
    return end;
  }
  // Each round doubles what can be copied without reaching into itself.
  for (let at = to, from = to - offset; at < end; ) {
    const piece = Math.min(end - at, at - from);
    bytes.copyWithin(at, from, from + piece);
    at += piece;
  }
  return end;
}

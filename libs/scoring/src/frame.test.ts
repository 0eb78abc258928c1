import { describe, expect, it } from '@jest/globals';

import { frameHeader, FrameReader } from './frame.ts';

describe('frames', () => {
  const bodies = [Uint8Array.of(1, 2, 3), new Uint8Array(0), Uint8Array.from({ length: 1_000 }, (_, n) => n % 251)];
  const stream = Buffer.concat(bodies.flatMap((body, n) => [frameHeader(n + 1, 7 * n, body.length), body]));

  it.each([1, 2, 5, 12, 13, 999, 5_000])('are cut out of chunks of %i bytes', (size) => {
    const found: unknown[] = [];
    const reader = new FrameReader((kind, id, body) => found.push([kind, id, [...body]]));
    for (let at = 0; at < stream.length; at += size) reader.push(stream.subarray(at, at + size));
    expect(found).toEqual(bodies.map((body, n) => [n + 1, 7 * n, [...body]]));
  });

  it('of absurd length are refused before memory is taken', () => {
    expect(() => new FrameReader(() => undefined).push(frameHeader(1, 1, 0xffff_ffff))).toThrow(RangeError);
  });
});

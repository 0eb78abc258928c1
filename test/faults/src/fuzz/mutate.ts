import { randomBytes, zigzag } from './avro-sample.ts';
import type { Random } from '../random.ts';

/** Numbers that decoders stumble over where they stand for a length or a count. */
const hostileNumbers = [-1, -2, 1e3, 1e6, 1e9, 2 ** 31 - 1, 2 ** 31, -(2 ** 31), 2 ** 32, 2 ** 53, -(2 ** 53), 2 ** 62, -(2 ** 62)];

/**
 * A changed copy: one to three changes, at the marked places as often as anywhere.
 *
 * @param marks offsets at which varints stand
 */
export function mutate(bytes: Buffer, marks: readonly number[], random: Random): Buffer {
  let changed = bytes;
  for (let left = random.whole(1, 3); left > 0; left--) changed = change(changed, marks, random);
  return changed;
}

function change(bytes: Buffer, marks: readonly number[], random: Random): Buffer {
  const at = marks.length > 0 && random.chance(0.5) ? Math.min(bytes.length, random.pick(marks)) : random.whole(0, bytes.length);
  const replace = (length: number, by: Buffer): Buffer => Buffer.concat([bytes.subarray(0, at), by, bytes.subarray(Math.min(bytes.length, at + length))]);
  switch (random.whole(0, 9)) {
    case 0: return replace(1, Buffer.from([(bytes[at] ?? 0) ^ (1 << random.whole(0, 7))]));
    case 1: return replace(1, zigzag(random.pick(hostileNumbers)));
    case 2: return replace(0, zigzag(random.pick(hostileNumbers)));
    case 3: return replace(1, Buffer.alloc(random.whole(1, 20), 255));
    case 4: return bytes.subarray(0, at);
    case 5: return replace(random.whole(1, 8), Buffer.alloc(0));
    case 6: return replace(0, randomBytes(random, random.whole(1, 16)));
    case 7: return replace(1, randomBytes(random, 1));
    // What stands somewhere else, once more or many times: nesting, blocks in blocks.
    case 8: {
      const from = random.whole(0, bytes.length);
      return replace(0, bytes.subarray(from, from + random.whole(1, 32)));
    }
    default: {
      const piece = bytes.subarray(at, at + random.whole(1, 4));
      return replace(0, Buffer.concat(Array.from({ length: random.whole(1, 200) }, () => piece)));
    }
  }
}

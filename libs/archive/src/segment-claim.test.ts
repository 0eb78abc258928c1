import { mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { carryOutClaims, endOf, nameSegment } from './segment-claim.ts';
import { segmentName } from './segment-name.ts';

let folder: string;
let made = 0;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'claims-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const temporary = async (): Promise<string> => {
  const path = join(folder, `.${++made}.tmp`);
  await writeFile(path, String(made));
  return path;
};

describe('the claim of a segment', () => {
  it('lets one of several writers that meet at the same offset name a file, and leaves nothing else behind', async () => {
    for (let first = 0, round = 0; round < 60; round++) {
      const named = await Promise.all(
        [1, 2, 3, 4].map(async (writer) => {
          // Of different lengths, as writers that have read differently far.
          for (let turn = 0; turn < (writer * round) % 5; turn++) await readdir(folder);
          return nameSegment(folder, await temporary(), segmentName(first, first + writer));
        }),
      );
      const files = (await readdir(folder)).sort();
      expect(files).toHaveLength(round + 1);
      expect(files.at(-1)).toMatch(new RegExp(`^${String(first).padStart(16, '0')}-`));
      expect(named.filter(Boolean).length).toBe(1);
      first = await endOf(folder);
    }
  });

  it('of a writer that stands still is carried out by the next, so that the first adds nothing when it goes on', async () => {
    const still = await temporary();
    await symlink(`${still.split('/').at(-1)}:${segmentName(0, 4)}`, join(folder, '.0000000000000000.claim'));
    await carryOutClaims(folder);
    expect(await readdir(folder)).toEqual([segmentName(0, 4)]);
    expect(await nameSegment(folder, await temporary(), segmentName(0, 7))).toBe(false);
    expect(await nameSegment(folder, await temporary(), segmentName(5, 7))).toBe(true);
    expect((await readdir(folder)).sort()).toEqual([segmentName(0, 4), segmentName(5, 7)]);
  });

  it('of an offset that is archived already, or without its file, is taken away', async () => {
    expect(await nameSegment(folder, await temporary(), segmentName(0, 4))).toBe(true);
    const late = await temporary();
    await symlink(`${late.split('/').at(-1)}:${segmentName(0, 9)}`, join(folder, '.0000000000000000.claim'));
    await symlink(`.gone.tmp:${segmentName(5, 9)}`, join(folder, '.0000000000000005.claim'));
    await carryOutClaims(folder);
    expect(await readdir(folder)).toEqual([segmentName(0, 4)]);
  });
});

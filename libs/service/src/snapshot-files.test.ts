import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { SnapshotFiles } from './snapshot-files.ts';

let root: string;
beforeEach(async () => (root = await mkdtemp(join(tmpdir(), 'snapshot-files-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

describe('the snapshot for committed positions', () => {
  it('is the newest that lies beyond none of them, also when one of several inputs was taken back', async () => {
    const files = new SnapshotFiles(root);
    for (const [predictions, labels] of [[500, 400], [1100, 410], [1600, 420]] as const) await files.write('slot-0', { predictions, labels }, [Buffer.from(`${predictions}`)]);
    expect((await files.latest('slot-0', { predictions: 1700, labels: 430 }))?.positions).toEqual({ predictions: 1600, labels: 420 });
    expect((await files.latest('slot-0', { predictions: 1000, labels: 600 }))?.positions).toEqual({ predictions: 500, labels: 400 });
    expect(await files.latest('slot-0', { predictions: 1700, labels: 399 })).toBeUndefined();
  });
});

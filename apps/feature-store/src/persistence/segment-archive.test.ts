import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { labelColumns } from '@millrace/archive';
import type { Shared } from '@millrace/service';
import { until } from '@millrace/testing';
import { SegmentArchive } from './segment-archive.ts';

describe('a segment', () => {
  let artifacts: string;
  beforeEach(async () => {
    artifacts = await mkdtemp(join(tmpdir(), 'millrace-segments-'));
  });
  afterEach(() => rm(artifacts, { recursive: true, force: true }));

  it('is sealed after its time also when the clock of the machine was ahead as it began, and is right again', async () => {
    let ahead = 3_600_000;
    const shared = { workspace: { topic: (name: string) => name }, options: { artifacts, sealMs: 20 }, now: () => Date.now() + ahead };
    const archive = new SegmentArchive(shared as unknown as Shared, labelColumns);
    expect(await archive.position('', 'labels', 0)).toBe(0);
    await archive.transact({ topic: 'labels', partition: 0, expected: 0, next: 5 }, async () => undefined);
    ahead = 0;
    await until(async () => {
      await archive.due();
      return (await readdir(artifacts, { recursive: true })).some((name) => name.endsWith('.parquet'));
    }, { what: 'a sealed segment' });
    await archive.release();
  });
});

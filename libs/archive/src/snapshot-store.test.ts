import { mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { SnapshotStore } from './snapshot-store.ts';

async function* pagesOf(...contents: Uint8Array[]): AsyncGenerator<Uint8Array> {
  yield* contents;
}

async function contentOf(pages: AsyncIterable<Uint8Array> | undefined): Promise<string[]> {
  const all: string[] = [];
  for await (const page of pages ?? []) all.push(Buffer.from(page).toString());
  return all;
}

const page = (content: string): Uint8Array => Buffer.from(content);

describe('snapshots', () => {
  let root: string;
  let store: SnapshotStore;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'snapshots-'));
    store = new SnapshotStore(root);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('come back with key, meta and pages in order, the newest first', async () => {
    await store.write('lane-0', 9, { output: 1 }, pagesOf(page('old')));
    await store.write('lane-0', 10, { output: 2 }, pagesOf(page('a'), page(''), page('c')));
    const found = await store.latest('lane-0');
    expect(found).toMatchObject({ key: 10, meta: { output: 2 } });
    expect(await contentOf(found?.pages())).toEqual(['a', '', 'c']);
    expect(await contentOf((await store.latest('lane-0', 9))?.pages())).toEqual(['old']);
  });

  it('are absent for a name or position that has none', async () => {
    expect(await store.latest('lane-1')).toBeUndefined();
    await store.write('lane-1', 5, {}, pagesOf());
    expect(await store.latest('lane-1', 4)).toBeUndefined();
    expect(await contentOf((await store.latest('lane-1'))?.pages())).toEqual([]);
  });

  it('are kept three per name', async () => {
    for (const key of [1, 2, 3, 4, 5]) await store.write('lane-0', key, {}, pagesOf(page(String(key))));
    expect((await readdir(join(root, 'snapshots', 'lane-0'))).map((name) => Number(name.split('.')[0]))).toEqual([3, 4, 5]);
  });

  it('of a state that was taken back to an earlier position are kept three too, until it has passed those of the time before', async () => {
    const keys = async (): Promise<number[]> => (await readdir(join(root, 'snapshots', 'lane-0'))).map((name) => Number(name.split('.')[0]));
    for (const key of [17, 18, 19, 20]) await store.write('lane-0', key, {}, pagesOf(page(`before ${key}`)));
    await store.write('lane-0', 11, {}, pagesOf(page('after 11')));
    expect(await contentOf((await store.latest('lane-0', 12))?.pages())).toEqual(['after 11']);
    for (const key of [12, 13, 14]) await store.write('lane-0', key, {}, pagesOf(page(`after ${key}`)));
    expect(await keys()).toEqual([12, 13, 14, 18, 19, 20]);
    for (const key of [20, 21, 22]) await store.write('lane-0', key, {}, pagesOf(page(`after ${key}`)));
    expect(await keys()).toEqual([20, 21, 22]);
    expect(await contentOf((await store.latest('lane-0', 20))?.pages())).toEqual(['after 20']);
  });

  it('that come late, of an owner that was replaced, delete none of its successor', async () => {
    for (const key of [18, 19, 20, 11]) await store.write('lane-0', key, {}, pagesOf(page(String(key))));
    expect(await contentOf((await store.latest('lane-0'))?.pages())).toEqual(['20']);
    await store.write('lane-0', 21, {}, pagesOf());
    expect((await readdir(join(root, 'snapshots', 'lane-0'))).map((name) => Number(name.split('.')[0]))).toEqual([19, 20, 21]);
  });

  it.each([
    ['cut short', (path: string, size: number) => truncate(path, size - 1)],
    ['empty', (path: string) => truncate(path, 0)],
    [
      'with one other byte',
      async (path: string, size: number) => {
        const file = await open(path, 'r+');
        await file.write(Buffer.from([0xff]), 0, 1, Math.floor(size / 2));
        await file.close();
      },
    ],
  ])('that are damaged (%s) are passed over', async (_, damage) => {
    await store.write('lane-0', 1, {}, pagesOf(page('whole')));
    await store.write('lane-0', 2, {}, pagesOf(page('broken'.repeat(100))));
    const path = join(root, 'snapshots', 'lane-0', '0000000000000002.snapshot');
    await damage(path, (await stat(path)).size);
    expect(await contentOf((await store.latest('lane-0'))?.pages())).toEqual(['whole']);
  });

  it('that fail half way leave nothing behind', async () => {
    async function* failing(): AsyncGenerator<Uint8Array> {
      yield page('half');
      throw new Error('no more');
    }
    await expect(store.write('lane-0', 1, {}, failing())).rejects.toThrow('no more');
    expect(await readdir(join(root, 'snapshots', 'lane-0'))).toEqual([]);
  });

  it('refuse names and keys that are none', async () => {
    await expect(store.write('../lane', 1, {}, pagesOf())).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
    await expect(store.write('lane', -1, {}, pagesOf())).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
    await expect(store.write('lane', 0.5, {}, pagesOf())).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
  });
});

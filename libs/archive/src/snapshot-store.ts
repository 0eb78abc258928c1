import { mkdir, readdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { MillraceError } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';

import { removeStale, writeAtomically } from './atomic-file.ts';
import { checkSnapshot, readPages, writeSnapshot } from './snapshot-file.ts';
import { Snapshots, type Snapshot } from './snapshots.ts';

const KEPT = 3;
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/;
const FILE = /^(\d{16})\.snapshot$/;

/**
 * Snapshots below `<root>/snapshots/<name>/<key>.snapshot`.
 *
 * @example
 * const store = new SnapshotStore('/var/lib/millrace');
 * await store.write('lane-0', 200_000, { output: 199_871 }, pagesOf(state));
 * for await (const page of (await store.latest('lane-0'))?.pages() ?? []) load(page);
 */
export class SnapshotStore extends Snapshots {
  private readonly folder: string;

  constructor(root: string) {
    super();
    this.folder = resolve(root, 'snapshots');
  }

  async write(name: string, key: number, meta: Record<string, unknown>, pages: AsyncIterable<Uint8Array>): Promise<void> {
    const folder = this.folderOf(name);
    if (!Number.isSafeInteger(key) || key < 0) throw new MillraceError('SNAPSHOT_INVALID', `the key ${key} is no position`);
    const text = JSON.stringify(meta);
    await mkdir(folder, { recursive: true });
    await writeAtomically(join(folder, `${String(key).padStart(16, '0')}.snapshot`), async (file) => {
      await writeSnapshot(file, Buffer.from(text, 'utf8'), pages);
      await failPoint('snapshot.written');
    });
    await failPoint('snapshot.named');
    for (const file of surplus(await keysOf(folder), key)) await rm(join(folder, file), { force: true });
    await removeStale(folder);
  }

  async latest(name: string, atMost = Number.MAX_SAFE_INTEGER): Promise<Snapshot | undefined> {
    const folder = this.folderOf(name);
    for (const { key, file } of await keysOf(folder)) {
      if (key > atMost) continue;
      const path = join(folder, file);
      const meta = await checkSnapshot(path);
      if (meta !== undefined) return { key, meta, pages: () => readPages(path) };
    }
    return undefined;
  }

  private folderOf(name: string): string {
    if (!NAME.test(name)) throw new MillraceError('SNAPSHOT_INVALID', `'${name}' is no snapshot name`, { hint: 'use letters, digits, dots, dashes' });
    return join(this.folder, name);
  }
}

/**
 * What is neither among the newest of all nor among the newest up to the one that was just written. A state that was taken back to an
 * earlier position needs the latter; the former are not its own to delete, since its writer may also be late and have a successor that is further on.
 */
function surplus(newestFirst: readonly { key: number; file: string }[], written: number): string[] {
  const upTo = newestFirst.filter(({ key }) => key <= written).slice(0, KEPT);
  return newestFirst.slice(KEPT).filter((one) => !upTo.includes(one)).map(({ file }) => file);
}

/** The snapshots of a folder, newest first. */
async function keysOf(folder: string): Promise<{ key: number; file: string }[]> {
  const files = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return files
    .flatMap((file) => {
      const digits = FILE.exec(file)?.[1];
      return digits === undefined ? [] : [{ key: Number(digits), file }];
    })
    .sort((a, b) => b.key - a.key);
}

import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Snapshots, type StoredSnapshot } from '../runtime/snapshots.ts';

/** The newest snapshot of each name as one JSON file; enough for a kill run. */
export class SnapshotFolder extends Snapshots {
  private readonly folder: string;

  constructor(folder: string) {
    super();
    this.folder = folder;
  }

  async latest(name: string, committed: Readonly<Record<string, number>>): Promise<StoredSnapshot | undefined> {
    const text = await readFile(join(this.folder, `${name}.json`), 'utf8').catch(() => undefined);
    if (text === undefined) return undefined;
    const { positions, pages } = JSON.parse(text) as { positions: Record<string, number>; pages: string[] };
    if (Object.entries(positions).some(([topic, position]) => position > (committed[topic] ?? 0))) return undefined;
    return {
      positions,
      async *pages() {
        for (const page of pages) yield Buffer.from(page, 'base64');
      },
    };
  }

  async write(name: string, positions: Readonly<Record<string, number>>, pages: readonly Uint8Array[]): Promise<void> {
    await mkdir(this.folder, { recursive: true });
    const temporary = join(this.folder, `${name}.${process.pid}`);
    await writeFile(temporary, JSON.stringify({ positions, pages: pages.map((page) => Buffer.from(page).toString('base64')) }));
    await rename(temporary, join(this.folder, `${name}.json`));
  }
}

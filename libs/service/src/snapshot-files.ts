import { SnapshotStore } from '@millrace/archive';
import { Snapshots, type StoredSnapshot } from '@millrace/messaging';

/** Snapshots of states as files of the archive, keyed by the sum of their input positions, which only grows. */
export class SnapshotFiles extends Snapshots {
  private readonly store: SnapshotStore;

  constructor(root: string) {
    super();
    this.store = new SnapshotStore(root);
  }

  async latest(name: string, committed: Readonly<Record<string, number>>): Promise<StoredSnapshot | undefined> {
    const found = await this.store.latest(name, keyOf(committed));
    if (!found) return undefined;
    const positions = found.meta['positions'] as Record<string, number>;
    const beyond = Object.entries(positions).some(([topic, position]) => position > (committed[topic] ?? 0));
    return beyond ? undefined : { positions, pages: () => found.pages() };
  }

  async write(name: string, positions: Readonly<Record<string, number>>, pages: readonly Uint8Array[]): Promise<void> {
    await this.store.write(name, keyOf(positions), { positions }, pagesOf(pages));
  }
}

const keyOf = (positions: Readonly<Record<string, number>>): number => Object.values(positions).reduce((sum, position) => sum + position, 0);

async function* pagesOf(pages: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* pages;
}

import { SnapshotStore, type Snapshot } from '@millrace/archive';
import { Snapshots, type StoredSnapshot } from '@millrace/messaging';

/** Snapshots of states as files of the archive, keyed by the sum of their input positions, which grows unless a person takes one back. */
export class SnapshotFiles extends Snapshots {
  private readonly store: SnapshotStore;

  constructor(root: string) {
    super();
    this.store = new SnapshotStore(root);
  }

  async latest(name: string, committed: Readonly<Record<string, number>>): Promise<StoredSnapshot | undefined> {
    let found = await this.store.latest(name, keyOf(committed));
    // A person who has taken one of several inputs back leaves snapshots with a smaller sum that lie beyond it.
    while (found && liesBeyond(found, committed)) found = found.key > 0 ? await this.store.latest(name, found.key - 1) : undefined;
    const fitting = found;
    return fitting && { positions: positionsOf(fitting), pages: () => fitting.pages() };
  }

  async write(name: string, positions: Readonly<Record<string, number>>, pages: readonly Uint8Array[]): Promise<void> {
    await this.store.write(name, keyOf(positions), { positions }, pagesOf(pages));
  }
}

const keyOf = (positions: Readonly<Record<string, number>>): number => Object.values(positions).reduce((sum, position) => sum + position, 0);

const positionsOf = ({ meta }: Snapshot): Record<string, number> => meta['positions'] as Record<string, number>;
const liesBeyond = (snapshot: Snapshot, committed: Readonly<Record<string, number>>): boolean => Object.entries(positionsOf(snapshot)).some(([topic, position]) => position > (committed[topic] ?? 0));

async function* pagesOf(pages: readonly Uint8Array[]): AsyncIterable<Uint8Array> {
  yield* pages;
}

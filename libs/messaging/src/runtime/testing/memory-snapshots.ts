import { Snapshots, type StoredSnapshot } from '../snapshots.ts';

type Positions = Readonly<Record<string, number>>;

/** Snapshots in memory; an owner that is killed writes none. */
export class MemorySnapshots extends Snapshots {
  readonly stored: { name: string; positions: Positions; pages: readonly Uint8Array[] }[] = [];
  frozen = false;
  override everyMs = 20_000;

  async latest(name: string, committed: Positions): Promise<StoredSnapshot | undefined> {
    const found = this.stored.findLast((one) => one.name === name && Object.entries(one.positions).every(([topic, position]) => position <= (committed[topic] ?? 0)));
    if (!found) return undefined;
    return {
      positions: found.positions,
      async *pages() {
        yield* found.pages;
      },
    };
  }

  async write(name: string, positions: Positions, pages: readonly Uint8Array[]): Promise<void> {
    if (!this.frozen) this.stored.push({ name, positions, pages });
  }
}

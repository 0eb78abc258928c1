import path from 'node:path';
import { requireWritable } from '@millrace/embedded';

/** Folders below `--data-dir`. */
export class DataDirectory {
  readonly path: string;

  constructor(directory: string) {
    this.path = path.resolve(directory);
  }

  get kafka(): string {
    return path.join(this.path, 'kafka');
  }

  get postgres(): string {
    return path.join(this.path, 'postgres');
  }

  /** Archive, bundles and snapshots. */
  get artifacts(): string {
    return path.join(this.path, 'artifacts');
  }

  /** Who runs here; there only while somebody does. */
  get stateFile(): string {
    return path.join(this.path, 'up.json');
  }

  /** @throws MillraceError DIRECTORY_UNREADABLE, DISK_FULL */
  prepare(): void {
    for (const directory of [this.path, this.artifacts]) requireWritable(directory);
  }
}

import { renameSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { diskFaultOf } from '../terminal/disk-fault.ts';

/** Writes a report in one step: whoever waits for the file never reads half of it. @throws MillraceError DISK_FULL, DIRECTORY_UNREADABLE */
export function writeReport(file: string, report: unknown): void {
  const target = path.resolve(file);
  const draft = `${target}.${process.pid}`;
  try {
    writeFileSync(draft, `${JSON.stringify(report, undefined, 2)}\n`);
    renameSync(draft, target);
  } catch (error) {
    throw diskFaultOf(error, target) ?? new MillraceError('REPORT_NOT_WRITTEN', `${target} cannot be written: ${(error as Error).message}`, { cause: error });
  }
}

import { archiveIn, verify, type Bounds, type Progress, type Verdict } from '@millrace/verification';
import type { UpState } from '../supervisor/state-file.ts';
import { parquetRows } from '@millrace/archive';

export interface VerifyRunning {
  /** Append times that are judged, ms since epoch. */
  readonly bounds: Bounds;
  /** Whether nothing may be on its way any more. */
  readonly settled: boolean;
  readonly onProgress: (progress: Progress) => void;
}

/** Judges what stands in the log and in the archive of a running platform, by a reader and a decoder that are not its own. */
export function verifyRunning({ brokers, workspace, artifacts }: Pick<UpState, 'brokers' | 'workspace' | 'artifacts'>, { bounds, settled, onProgress }: VerifyRunning): Promise<Verdict> {
  return verify({ brokers, workspace, bounds, settled, onProgress, archive: archiveIn(artifacts, parquetRows) });
}

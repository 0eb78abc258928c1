import { LabelObserved } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { LabelArchive } from '../domain/label-archive.port.ts';
import type { SegmentRows } from '../domain/segment-rows.ts';

/** Archives labels as Parquet segments. */
@Projects(LabelObserved, { into: LabelArchive })
export class LabelObservedProjection {
  async project(batch: Iterable<Read<LabelObserved>>, rows: SegmentRows): Promise<void> {
    for (const { event, position } of batch) rows.add(position, event);
  }
}

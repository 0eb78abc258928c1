import { VectorComputed } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { VectorArchive } from '../domain/vector-archive.port.ts';
import type { SegmentRows } from '../domain/segment-rows.ts';

/** Archives vectors as Parquet segments. */
@Projects(VectorComputed, { into: VectorArchive })
export class VectorComputedProjection {
  async project(batch: Iterable<Read<VectorComputed>>, rows: SegmentRows): Promise<void> {
    for (const { event, position } of batch) rows.add(position, event);
  }
}

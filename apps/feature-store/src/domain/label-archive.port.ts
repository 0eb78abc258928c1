import { ProjectionStore } from '@millrace/messaging';
import type { SegmentRows } from './segment-rows.ts';

/** Where labels are archived. */
export abstract class LabelArchive extends ProjectionStore<SegmentRows> {}

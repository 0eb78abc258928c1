import { ProjectionStore } from '@millrace/messaging';
import type { SegmentRows } from './segment-rows.ts';

/** Where vectors are archived. */
export abstract class VectorArchive extends ProjectionStore<SegmentRows> {}

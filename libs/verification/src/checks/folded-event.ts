import type { SeenRecord } from '../check.ts';
import type { Asked } from '../world/lane-table.ts';

/** An event of a lane as a fold gets it, in the order of the lane; repeats are left out. */
export interface FoldedEvent {
  readonly lane: number;
  readonly position: number;
  readonly stream: string;
  readonly eventId: Buffer;
  readonly eventTime: number;
  readonly acceptedAt: number;
  readonly fields: Readonly<Record<string, unknown>>;
}

/** Undefined for a repeat, and where no schema reads the payload. */
export function foldedEvent({ partition: lane, offset: position, event }: SeenRecord, asked: Asked | undefined): FoldedEvent | undefined {
  if (!asked?.counted || !asked.fields) return undefined;
  const { stream, eventId, eventTime, acceptedAt } = event!.fields;
  return { lane, position, stream, eventId, eventTime, acceptedAt, fields: asked.fields };
}

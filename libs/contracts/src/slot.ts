import { murmur3 } from './murmur3.ts';

/** Partition of the per-model topics that holds an event: lane · slots + murmur3(eventId) mod slots. */
export function slotOf(eventId: Uint8Array, lane: number, slots: number): number {
  return lane * slots + (murmur3(eventId) % slots);
}

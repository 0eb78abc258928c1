import type { Check, SeenRecord } from '../check.ts';
import { hash32 } from '../slot-hash.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { LaneTable } from '../world/lane-table.ts';
import type { World } from '../world/world.ts';
import { Positions } from './positions.ts';

/** An event counts once within the hour: one vector of each model that predicts its stream, in its slot, in the order of the lane. */
export class VectorsCheck implements Check {
  readonly name = 'vectors';
  readonly promise = 'each event to predict has one vector per model, in its slot; repeats within the hour have none';
  readonly found: Violations;
  waiting = 0;
  private readonly passed = new Positions();

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord, world: World): void {
    const { event, of: model, partition } = record;
    if (event?.stem !== 'vector-computed' || !this.found.judges(record.timestamp)) return;
    const { eventId, position, vectors } = event.fields;
    const lane = world.laneOf(partition);
    if (event.fields.model !== model) this.found.add(record, `is a vector of ${event.fields.model} in the topic of ${model}`);
    const before = this.passed.rise(model, partition, position);
    if (position < before) this.found.add(record, `is a vector of lane position ${position} behind one of position ${before}: out of the order of its lane`);
    const slot = slotOf(eventId, partition, world.declared.slots);
    if (partition !== slot) this.found.add(record, `is a vector of an event that belongs into slot ${slot}`);
    if (!lane || lane.isExpired(position) || !lane.has(position)) return;
    const marks = lane.marksOf(model);
    const at = position - lane.range.low;
    if (marks.vectors(at) > 1) return this.found.add(record, `is a second vector of the event at lane position ${position}`);
    if (!marks.wantsVector(at)) {
      const why = lane.isCounted(position) ? `${model} predicts no ${lane.stream(position)}` : 'the event is a repeat within the hour';
      return this.found.add(record, `is a vector that must not be: ${why}`);
    }
    const declared = lane.set?.models.find(({ name }) => name === model);
    const own = vectors.find(({ featureSet }: { featureSet: string }) => featureSet === declared?.featureSet);
    if (declared && !vectors.some(({ featureSet }: { featureSet: string }) => world.declared.wasDeclared(model, featureSet))) this.found.add(record, `has no vector of a declared feature set of ${model}`);
    else if (declared && own && own.numeric.length + own.categorical.length !== declared.features.length) this.found.add(record, `has ${own.numeric.length + own.categorical.length} features where ${model} declares ${declared.features.length}`);
  }

  end(world: World): void {
    for (const [laneNumber, lane] of world.lanes)
      for (const [model, marks] of lane.marks)
        for (let position = lane.range.low; position < lane.range.end; position++) {
          const at = position - lane.range.low;
          if (!marks.wantsVector(at) || marks.vectors(at) > 0) continue;
          const slot = slotOf(lane.id(position), laneNumber * world.declared.slots, world.declared.slots);
          if (isExpired(world, lane, model, slot, position, this.passed)) continue;
          if (!world.settled && position > this.passed.highest(model, slot)) this.waiting++;
          else this.found.add({ topic: 'event-ingested', partition: laneNumber, offset: position, timestamp: lane.time(position) }, `is an event that ${model} predicts, but feature-vectors.${model}/${slot} has no vector of it`);
        }
  }
}

/** Slot of an event of the lane that a partition of a per-model topic belongs to. */
export function slotOf(eventId: Buffer, partition: number, slots: number): number {
  return Math.floor(partition / slots) * slots + (hash32(eventId) % slots);
}

/** Where the broker has dropped the beginning of a slot, and what lies before. Repeats cannot be told in the first hour of a lane that has lost its beginning. */
function isExpired(world: World, lane: LaneTable, model: string, slot: number, position: number, passed: Positions): boolean {
  if ((world.range(`feature-vectors.${model}`, slot)?.low ?? 0) > 0 && position < passed.lowest(model, slot)) return true;
  return lane.range.low > 0 && lane.acceptedAt(position) < lane.acceptedAt(lane.range.low) + 3_600_000;
}

import type { Check, SeenRecord } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';
import { Positions } from './positions.ts';
import { slotOf } from './vectors.check.ts';

/** Each vector from the first adopted route of its slot on has one prediction, in its slot and in the order of the vectors. */
export class PredictionsCheck implements Check {
  readonly name = 'predictions';
  readonly promise = 'each vector from the first adopted route of its slot on has one prediction, in its slot; none before';
  readonly found: Violations;
  waiting = 0;
  private readonly passed = new Positions();

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord, world: World): void {
    if (record.event?.stem !== 'prediction-made' || !this.found.judges(record.timestamp)) return;
    const { of: model, partition } = record;
    const { eventId, position, eventTime, acceptedAt } = record.event.fields;
    if (record.event.fields.model !== model) this.found.add(record, `is a prediction of ${record.event.fields.model} in the topic of ${model}`);
    const slot = slotOf(eventId, partition, world.declared.slots);
    if (partition !== slot) this.found.add(record, `is a prediction of an event that belongs into slot ${slot}`);
    const before = this.passed.rise(model, partition, position);
    if (position < before) this.found.add(record, `is a prediction of lane position ${position} behind one of position ${before}: out of the order of the vectors`);
    const lane = world.laneOf(partition);
    if (!lane || lane.isExpired(position) || !lane.has(position)) return;
    const at = position - lane.range.low;
    const marks = lane.marksOf(model);
    if (marks.predictions(at) > 1) return this.found.add(record, `is a second prediction of the event at lane position ${position}`);
    if (eventTime !== lane.eventTime(position)) this.found.add(record, `has the event time ${eventTime}; its event is of ${lane.eventTime(position)}`);
    if (acceptedAt !== lane.acceptedAt(position)) this.found.add(record, `says its event was accepted at ${acceptedAt}; it was accepted at ${lane.acceptedAt(position)}`);
    if (marks.vectors(at) === 0) {
      const range = world.range(`feature-vectors.${model}`, partition);
      if (!range || range.low === 0) this.found.add(record, `is a prediction without a vector of lane position ${position}`);
    } else if (!marks.isDue(at)) this.found.add(record, `is a prediction of the vector at offset ${marks.vectorOffset(at)}, before the first route that slot ${partition} adopted`);
  }

  end(world: World): void {
    for (const [laneNumber, lane] of world.lanes)
      for (const [model, marks] of lane.marks)
        for (let position = lane.range.low; position < lane.range.end; position++) {
          const at = position - lane.range.low;
          if (!marks.isDue(at) || marks.predictions(at) > 0) continue;
          const slot = slotOf(lane.id(position), laneNumber * world.declared.slots, world.declared.slots);
          if ((world.range(`predictions.${model}`, slot)?.low ?? 0) > 0 && position < this.passed.lowest(model, slot)) continue;
          if (!world.settled && position > this.passed.highest(model, slot)) this.waiting++;
          else this.found.add({ topic: `feature-vectors.${model}`, partition: slot, offset: marks.vectorOffset(at), timestamp: marks.vectorTime(at) }, `is a vector behind the first adopted route, but predictions.${model}/${slot} has no prediction of it`);
        }
  }
}

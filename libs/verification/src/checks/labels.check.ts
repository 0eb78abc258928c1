import type { Check, SeenRecord } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';
import { foldedEvent, type FoldedEvent } from './folded-event.ts';
import { Positions } from './positions.ts';
import { slotOf } from './vectors.check.ts';

/** The label that an event brings, by model: 0 or 1, null = none. Undefined: not known. */
export type LabelFold = (event: FoldedEvent) => Readonly<Record<string, 0 | 1 | null>> | undefined;

/**
 * Each counted event that judges has one label, in the slot of the event that it judges, of the value that its expression or a fold of
 * somebody else's gives. Where the label's expression may have no value, it may be missing.
 */
export class LabelsCheck implements Check {
  readonly name = 'labels';
  readonly promise = 'each event that judges has one label, of the declared value, in the slot of the judged event';
  readonly found: Violations;
  waiting = 0;
  /** Events whose label may have no value and has none. */
  without = 0;
  private readonly passed = new Positions();

  private readonly fold: LabelFold | undefined;

  constructor(bounds: Bounds, fold?: LabelFold) {
    this.found = new Violations(bounds);
    this.fold = fold;
  }

  record(record: SeenRecord, world: World): void {
    if (this.fold && record.event?.stem === 'event-ingested') this.expect(record, this.fold, world);
    if (record.event?.stem !== 'label-observed' || !this.found.judges(record.timestamp)) return;
    const { of: model, partition } = record;
    const { eventId, position, labelTime, laneTime, value } = record.event.fields;
    if (record.event.fields.model !== model) this.found.add(record, `is a label of ${record.event.fields.model} in the topic of ${model}`);
    const before = this.passed.rise(model, partition, position);
    if (position < before) this.found.add(record, `is a label of lane position ${position} behind one of position ${before}: out of the order of its lane`);
    const slot = slotOf(eventId, partition, world.declared.slots);
    if (partition !== slot) this.found.add(record, `is a label of an event that belongs into slot ${slot}`);
    if (!Number.isFinite(value)) this.found.add(record, 'is a label without a finite value');
    if (laneTime < labelTime) this.found.add(record, `has a lane time before its label time ${labelTime}`);
    const lane = world.laneOf(partition);
    if (!lane || lane.isExpired(position) || !lane.has(position)) return;
    const marks = lane.marksOf(model);
    const at = position - lane.range.low;
    if (marks.labels(at) > 1) return this.found.add(record, `is a second label of the event at lane position ${position}`);
    if (marks.wantsLabel(at) === false) return this.found.add(record, `is a label that must not be: ${lane.isCounted(position) ? `no ${lane.stream(position)} judges for ${model}` : 'the event is a repeat within the hour'}`);
    if (lane.eventTime(position) !== labelTime) this.found.add(record, `has the label time ${labelTime}; its event is of ${lane.eventTime(position)}`);
    if (marks.judged(at) !== eventId.readUInt32LE(12)) this.found.add(record, `judges another event than the one at lane position ${position} names`);
    const expected = marks.labelValue(at);
    if (expected !== undefined && value !== expected) this.found.add(record, `says ${value}; the event at lane position ${position} gives ${expected}`);
  }

  private expect(record: SeenRecord, fold: LabelFold, world: World): void {
    const lane = world.lanes.get(record.partition);
    const event = foldedEvent(record, lane?.newest);
    const values = event && fold(event);
    if (!values) return;
    for (const { name } of lane!.newest!.judges) if (values[name] !== undefined) lane!.marksOf(name).expectLabel(record.offset - lane!.range.low, values[name]);
  }

  end(world: World): void {
    for (const [laneNumber, lane] of world.lanes)
      for (const [model, marks] of lane.marks) {
        const slots = world.rangesOf(`labels.${model}`).filter(({ partition }) => Math.floor(partition / world.declared.slots) === laneNumber);
        const passed = Math.min(...slots.map(({ partition }) => this.passed.highest(model, partition)));
        const kept = Math.max(-1, ...slots.filter(({ low }) => low > 0).map(({ partition }) => this.passed.lowest(model, partition)));
        for (let position = lane.range.low; position < lane.range.end; position++) {
          const wanted = marks.wantsLabel(position - lane.range.low);
          if (wanted === false || marks.labels(position - lane.range.low) > 0 || position < kept) continue;
          if (lane.range.low > 0 && lane.acceptedAt(position) < lane.acceptedAt(lane.range.low) + 3_600_000) continue;
          if (wanted === 'maybe') this.without++;
          else if (!world.settled && position > passed) this.waiting++;
          else this.found.add({ topic: 'event-ingested', partition: laneNumber, offset: position, timestamp: lane.time(position) }, `judges an event of ${model}, but labels.${model} has no label of it`);
        }
      }
  }
}

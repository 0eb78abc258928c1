import type { Check, SeenRecord } from '../check.ts';
import { FeatureRows } from '../tables/feature-rows.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';

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

/** The features that each model must have served for an event, by model, in the order of the model; NaN = missing. Undefined: not known. */
export type Fold = (event: FoldedEvent) => Readonly<Record<string, readonly number[]>> | undefined;

/** Vectors equal an independent fold of their lane, as float32, bit by bit; NaN equals NaN. */
export class FeaturesCheck implements Check {
  readonly name = 'features';
  readonly promise = 'each vector equals an independent fold of its lane, bit by bit';
  readonly found: Violations;
  private readonly fold: Fold;
  /** Expected features by model and lane. */
  private readonly rows = new Map<string, FeatureRows>();

  constructor(bounds: Bounds, fold: Fold) {
    this.found = new Violations(bounds);
    this.fold = fold;
  }

  record(record: SeenRecord, world: World): void {
    if (record.event?.stem === 'event-ingested') this.expect(record, world);
    if (record.event?.stem === 'vector-computed') this.compare(record, world);
  }

  private expect(record: SeenRecord, world: World): void {
    const asked = world.lanes.get(record.partition)?.newest;
    if (!asked?.counted || !asked.fields) return;
    const { stream, eventId, eventTime, acceptedAt } = record.event!.fields;
    const expected = this.fold({ lane: record.partition, position: record.offset, stream, eventId, eventTime, acceptedAt, fields: asked.fields });
    const at = record.offset - world.lanes.get(record.partition)!.range.low;
    for (const [model, features] of Object.entries(expected ?? {})) {
      const key = `${model}/${record.partition}`;
      let rows = this.rows.get(key);
      if (!rows) this.rows.set(key, (rows = new FeatureRows()));
      rows.keep(at, features);
    }
  }

  private compare(record: SeenRecord, world: World): void {
    const { position, vectors } = record.event!.fields;
    const lane = Math.floor(record.partition / world.declared.slots);
    const expected = this.rows.get(`${record.of}/${lane}`)?.row(position - world.lanes.get(lane)!.range.low);
    if (!expected || !this.found.judges(record.timestamp)) return;
    const model = world.lanes.get(lane)?.set?.models.find(({ name }) => name === record.of);
    const served = vectors.find(({ featureSet }: { featureSet: string }) => featureSet === model?.featureSet)?.numeric as number[] | undefined;
    if (!served) return this.found.add(record, 'has no vector of the feature set in force');
    const differing = served.flatMap((value, i) => (Object.is(Math.fround(value), expected[i]) ? [] : [`feature ${i} is ${value}, not ${expected[i]}`]));
    if (served.length !== expected.length) this.found.add(record, `has ${served.length} features, the fold has ${expected.length}`);
    else if (differing.length > 0) this.found.add(record, `differs from the fold of its lane: ${differing.slice(0, 3).join(', ')}`);
  }
}

import { crc32 } from 'node:zlib';
import type { Check, SeenRecord } from '../check.ts';
import { Column } from '../tables/column.ts';
import { FeatureRows } from '../tables/feature-rows.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';
import { foldedEvent, type FoldedEvent } from './folded-event.ts';

/** The features that each model must have served for an event, by model, in the order of the model: numbers, NaN = missing, and texts. Undefined: not known. */
export type Fold = (event: FoldedEvent) => Readonly<Record<string, readonly (number | string)[]>> | undefined;

/** Vectors equal an independent fold of their lane, as float32, bit by bit; NaN equals NaN. */
export class FeaturesCheck implements Check {
  readonly name = 'features';
  readonly promise = 'each vector equals an independent fold of its lane, bit by bit';
  readonly found: Violations;
  private readonly fold: Fold;
  /** Expected features by model and lane. */
  private readonly rows = new Map<string, { numeric: FeatureRows; categorical: Column<Uint32Array> }>();

  constructor(bounds: Bounds, fold: Fold) {
    this.found = new Violations(bounds);
    this.fold = fold;
  }

  record(record: SeenRecord, world: World): void {
    if (record.event?.stem === 'event-ingested') this.expect(record, world);
    if (record.event?.stem === 'vector-computed') this.compare(record, world);
  }

  private expect(record: SeenRecord, world: World): void {
    const event = foldedEvent(record, world.lanes.get(record.partition)?.newest);
    if (!event) return;
    const expected = this.fold(event);
    const at = record.offset - world.lanes.get(record.partition)!.range.low;
    for (const [model, features] of Object.entries(expected ?? {})) {
      const key = `${model}/${record.partition}`;
      let rows = this.rows.get(key);
      if (!rows) this.rows.set(key, (rows = { numeric: new FeatureRows(), categorical: new Column(Uint32Array) }));
      rows.numeric.keep(at, features.filter((feature) => typeof feature === 'number'));
      rows.categorical.set(at, sumOf(features.filter((feature) => typeof feature === 'string')));
    }
  }

  private compare(record: SeenRecord, world: World): void {
    const { position, vectors } = record.event!.fields;
    const lane = Math.floor(record.partition / world.declared.slots);
    const rows = this.rows.get(`${record.of}/${lane}`);
    const at = position - (world.lanes.get(lane)?.range.low ?? 0);
    const expected = rows?.numeric.row(at);
    if (!expected || !this.found.judges(record.timestamp)) return;
    const model = world.lanes.get(lane)?.set?.models.find(({ name }) => name === record.of);
    const vector = vectors.find(({ featureSet }: { featureSet: string }) => featureSet === model?.featureSet);
    if (!vector) return this.found.add(record, 'has no vector of the feature set in force');
    const served = vector.numeric as number[];
    if (sumOf(vector.categorical) !== rows!.categorical.get(at)) this.found.add(record, `has the texts ${vector.categorical.join(', ') || 'none'}, which differ from the fold of its lane`);
    const differing = served.flatMap((value, i) => (Object.is(Math.fround(value), expected[i]) ? [] : [`feature ${i} is ${value}, not ${expected[i]}`]));
    if (served.length !== expected.length) this.found.add(record, `has ${served.length} features, the fold has ${expected.length}`);
    else if (differing.length > 0) this.found.add(record, `differs from the fold of its lane: ${differing.slice(0, 3).join(', ')}`);
  }
}

/** CRC-32 of texts in their order. */
const sumOf = (texts: readonly string[]): number => crc32(JSON.stringify(texts));

import type { Check, SeenRecord } from '../check.ts';
import { Column } from '../tables/column.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';
import { WindowTally } from './window-tally.ts';

/** Windows of performance: days in UTC. */
const windowMs = 86_400_000;
/** How much later than the newest event of its lane a label may be and must still count, ms. */
const latenessMs = 3_600_000;

/** Newest event times of the inputs of one slot. */
interface Clocks {
  vectors: number;
  labels: number;
  predictions: number;
}

/**
 * Labels join exactly once. A version's window is judged when vectors, labels and predictions of every slot have passed its end by the label
 * horizon. So what stands in a partition before that point must have been counted, each event once: predictions with a score no further
 * behind the newest of their slot than the horizon, and labels no further from the time of their event than the horizon that came with no
 * more than the lateness (an hour). What came later may have been counted or not, depending on who was read first: where there is none of
 * it the figures are exact, else they have bounds. Events that came again after an hour, or have several labels, are such a case. The area
 * under the ROC curve is made from histograms and not judged.
 */
export class PerformanceCheck implements Check {
  readonly name = 'performance';
  readonly promise = 'each finished window of a version was judged, over each scored prediction and each label of it once';
  readonly found: Violations;
  /** Reports whose figures had to be exact. */
  exact = 0;
  private readonly reports = new Map<string, SeenRecord>();
  private readonly tallies = new Map<string, { readonly model: string; readonly version: number; readonly start: number; readonly tally: WindowTally }>();
  private readonly clocks = new Map<string, Clocks>();
  /** By model and lane: events that were predicted, by number. */
  private readonly predicted = new Map<string, Column<Uint8Array>>();

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord, world: World): void {
    const { event } = record;
    if (event?.stem === 'performance-reported') {
      this.found.judges(record.timestamp);
      this.reports.set(keyOf(event.fields.model, event.fields.version, event.fields.windowStart), record);
    }
    if (event?.stem === 'vector-computed') this.rise(record, 'vectors', event.fields.eventTime);
    if (event?.stem === 'label-observed') this.rise(record, 'labels', event.fields.laneTime);
    if (event?.stem === 'prediction-made') this.count(record, this.rise(record, 'predictions', event.fields.eventTime), world);
  }

  end(world: World): void {
    for (const [key, report] of this.reports) if (isWhole(world, report.event!.fields.model)) this.compare(report, this.tallies.get(key)?.tally ?? new WindowTally(), world.settled);
    if (!world.settled) return;
    for (const [key, { model, version, start, tally }] of this.tallies) {
      const horizonMs = world.declared.horizonMs(model);
      if (horizonMs === undefined || !tally.isSeen || this.reports.has(key) || !isWhole(world, model) || this.reached(model, world) < start + windowMs + horizonMs) continue;
      if (world.declared.newest?.models.some(({ name }) => name === model)) this.found.add({ topic: 'findings', partition: 0, offset: -1, timestamp: tally.newest }, `the window from ${new Date(start).toISOString()} of ${model} version ${version} has passed by the label horizon, but was never judged`);
    }
  }

  /** Newest time of an input of the slot, this record included. */
  private rise({ of, partition }: SeenRecord, input: keyof Clocks, time: number): number {
    const key = `${of}/${partition}`;
    let clocks = this.clocks.get(key);
    if (!clocks) this.clocks.set(key, (clocks = { vectors: -Infinity, labels: -Infinity, predictions: -Infinity }));
    return (clocks[input] = Math.max(clocks[input], time));
  }

  /** Time that all slots have reached; -Infinity while one is silent. */
  private reached(model: string, world: World): number {
    return Math.min(...world.rangesOf(`feature-vectors.${model}`).map(({ partition }) => {
      const { vectors, labels, predictions } = this.clocks.get(`${model}/${partition}`) ?? { vectors: -Infinity, labels: -Infinity, predictions: -Infinity };
      return Math.min(vectors, labels, predictions === -Infinity ? Infinity : predictions);
    }));
  }

  private count(record: SeenRecord, clock: number, world: World): void {
    const { of: model, partition } = record;
    const { position, version, eventTime, score } = record.event!.fields;
    const horizonMs = world.declared.horizonMs(model);
    const lane = world.laneOf(partition);
    if (horizonMs === undefined || !lane?.has(position)) return;
    const start = Math.floor(eventTime / windowMs) * windowMs;
    const closes = start + windowMs + horizonMs;
    const number = lane.number(position);
    const isTimely = this.isFirst(model, lane.range.partition, number) && eventTime >= clock - horizonMs && clock < closes;
    const tally = this.tally(model, version, start);
    if (isTimely) [tally.isSeen, tally.newest] = [true, record.timestamp];
    if (!(score >= 0 && score <= 1) || score === null) return;
    tally.predicted(isTimely);
    const labels = lane.knownLabels(model);
    const several = labels.count(number) > 1;
    if (labels.count(number) === 0) return;
    const labelTime = labels.labelTime(number);
    const isWithin = Math.abs(labelTime - eventTime) <= horizonMs;
    if (!isWithin && !several) return;
    const laneTime = labels.laneTime(number);
    tally.labelled(labels.isOne(number) ? 1 : 0, score, isTimely && !several && laneTime < closes && laneTime - labelTime <= latenessMs);
  }

  private isFirst(model: string, lane: number, number: number): boolean {
    const key = `${model}/${lane}`;
    let seen = this.predicted.get(key);
    if (!seen) this.predicted.set(key, (seen = new Column(Uint8Array)));
    const isFirst = seen.get(number) === 0;
    seen.set(number, 1);
    return isFirst;
  }

  private tally(model: string, version: number, start: number): WindowTally {
    const key = keyOf(model, version, start);
    let known = this.tallies.get(key);
    if (!known) this.tallies.set(key, (known = { model, version, start, tally: new WindowTally() }));
    return known.tally;
  }

  private compare(report: SeenRecord, tally: WindowTally, isSettled: boolean): void {
    const { fields } = report.event!;
    const of = `${fields.model} version ${fields.version} in the window from ${new Date(fields.windowStart).toISOString()}`;
    for (const name of ['predictions', 'labelled'] as const) {
      const [least, most] = [tally.certain[name], isSettled ? tally.possible[name] : Infinity];
      if (fields[name] < least || fields[name] > most) this.found.add(report, `counts ${fields[name]} ${name} of ${of}; the log has ${least === most ? least : `${least} to ${most}`}`);
    }
    if (!isSettled || !tally.isExact || fields.labelled !== tally.certain.labelled) return;
    this.exact++;
    for (const [name, value, by] of tally.figures) if (!(Math.abs(fields[name] - value) <= by)) this.found.add(report, `says ${name} ${fields[name]} of ${of}; the log gives ${value}`);
  }
}

const keyOf = (model: string, version: number, start: number): string => `${model}/${version}/${start}`;

/** Whether the broker still keeps everything that was counted. */
function isWhole(world: World, model: string): boolean {
  return world.declared.horizonMs(model) !== undefined && [...world.rangesOf(`predictions.${model}`), ...world.rangesOf(`labels.${model}`), ...world.rangesOf('event-ingested')].every(({ low }) => low === 0);
}

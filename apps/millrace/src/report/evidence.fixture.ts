import {
  ModelVersionRegistered, RetrainRequested, RolloutCompleted, RouteAdopted, RouteChanged, type Arm, type Event, type ModelTrainedFields,
} from '@millrace/contracts';
import { ControlHistory } from './control-history.ts';
import { EpochOrder } from './epoch-order.ts';
import type { DayQuality, Evidence, StoryOptions } from './evidence.ts';
import { GoldenComparison } from './golden-comparison.ts';
import { History, type Sighting } from './history.ts';
import { LatencyHistogram } from './latency-histogram.ts';
import { judgedDays } from './story-days.ts';

export const theStory: StoryOptions = { from: Date.UTC(2001, 0, 1), to: Date.UTC(2001, 0, 21), hold: true, paced: true };

export const idOf = (n: number): Buffer => Buffer.alloc(16, n);

/** Sightings of an event that went all the way. */
export const allTheWay: readonly Sighting[] = ['posted', 'ingested', 'vectors', 'due', 'predictions', 'outcomePosted', 'outcomeIngested', 'labels'];

/** @param sightings of each event, in any order */
export function historyOf(...sightings: (readonly Sighting[])[]): History {
  const history = new History();
  sightings.forEach((seen, n) => seen.forEach((what) => history.saw(idOf(n + 1), what)));
  return history;
}

const trained = { dataset: { hash: '', rows: 1, holdoutRows: 1, from: 0, to: 0, end: [] }, candidate: { auc: 0.65, logLoss: 0.4 } } as unknown as ModelTrainedFields;
export const registered = (version: number): Event => new ModelVersionRegistered({ model: 'm', version, bundle: `b${version}`, training: `t${version}`, trained });
export const requested = (trigger: string): Event =>
  new RetrainRequested({ model: 'm', episode: trigger, trigger, evidence: [], since: 0, newLabels: 1, championVersion: null, championBundle: null, definitionHash: '' });
export const routed = (epoch: number, ...arms: [Arm['role'], number, number][]): Event =>
  new RouteChanged({ model: 'm', rolloutId: 'r', epoch, arms: arms.map(([role, version, weight]) => ({ role, version, bundle: '', weight })), withdrawn: [], reason: '' });
export const canary = (epoch: number, weight: number): Event => (weight === 100 ? routed(epoch, ['CANARY', 2, 100]) : routed(epoch, ['CHAMPION', 1, 100 - weight], ['CANARY', 2, weight]));
export const completed = (version: number): Event => new RolloutCompleted({ model: 'm', rolloutId: 'r', version, bundle: '' });
export const adopted = (slot: number, epoch: number, offset: number): Event => new RouteAdopted({ model: 'm', rolloutId: 'r', slot, epoch, offset, instance: '' });
export const controlOf = (...events: Event[]): ControlHistory => new ControlHistory(events.map((event) => ({ event, at: 0 })));

export const goodControl: readonly Event[] = [
  requested('labels'), registered(1), routed(1, ['CHAMPION', 1, 100]), completed(1), requested('miscalibrated'), registered(2),
  ...[5, 25, 75, 100].map((weight, step) => canary(2 + step, weight)), routed(6, ['CHAMPION', 2, 100]), completed(2),
];

export const daysOf = (auc: number, logLoss: number): DayQuality[] => judgedDays.map((dayMs) => ({ dayMs, rows: 10, auc, logLoss }));

export function goldenOf(served: number): GoldenComparison {
  const golden = new GoldenComparison([{ id: idOf(1), vector: [1] }], ['a'], [true]);
  golden.add(idOf(1), [served]);
  return golden;
}

export function epochsOf(...epochs: number[]): EpochOrder {
  const order = new EpochOrder();
  epochs.forEach((epoch, offset) => order.add(0, offset, epoch));
  return order;
}

export function latencyOf(...values: number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  values.forEach((value) => histogram.add(value));
  return histogram;
}

/** Evidence of a run at which nothing is wrong, with changes. */
export function evidenceOf(change: Partial<Evidence> = {}): Evidence {
  return {
    model: 'm',
    history: historyOf(allTheWay, allTheWay, ['posted', 'ingested', 'vectors', 'outcomePosted', 'outcomeIngested', 'labels']),
    unreadable: 0,
    rejected: new Map(),
    golden: goldenOf(1),
    control: controlOf(...goodControl),
    epochs: epochsOf(1, 1, 2),
    latency: latencyOf(20, 30),
    quality: new Map([[1, daysOf(0.718, 0.4519)], [2, daysOf(0.731, 0.4331)]]),
    ...change,
  };
}

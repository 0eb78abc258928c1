import {
  ArmObserved, type CommandIssued, EventRejected, type ModelLoadFailed, ModelLoaded, ModelTrained, ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, PerformanceReported, RetrainRequested,
  RolloutAborted, RolloutCompleted, RolloutStarted, RouteAdopted, RouteChanged, TrainingFailed, TrainingStarted, type Event,
} from '@millrace/contracts';
import type { Read } from '@millrace/messaging';
import { foldRoutes } from '@millrace/rollout';
import type { Board, ModelBoard, TrainingView, VersionView } from './board.ts';
import { dayOf } from './figures.ts';
import { lineOf } from './line-of.ts';

/** Events that the board shows. */
export type BoardEvent =
  | ArmObserved | CommandIssued | EventRejected | ModelLoadFailed | ModelLoaded | ModelTrained | ModelVersionApproved | ModelVersionRegistered | ModelVersionRejected | PerformanceReported
  | RetrainRequested | RolloutAborted | RolloutCompleted | RolloutStarted | RouteAdopted | RouteChanged | TrainingFailed | TrainingStarted;

const newestRejectedKept = 10;
/** Counts of arms are shown while a rollout runs; older ones are dropped. */
const armsKept = 8;

/** Takes one record into the board. Records of one topic come in their order, topics in any. */
export function foldBoard(board: Board, { event, topic, position, time }: Read<BoardEvent>): void {
  if (event instanceof EventRejected) return foldRejected(board, event, time);
  const model = board.model(event instanceof TrainingStarted ? event.request.model : event.model);
  foldModel(model, event, time);
  const line = lineOf(event);
  if (line) model.timeline.set(line.about ?? `${topic}:${position}`, { id: `${topic}:${position}`, at: time, kind: line.kind, text: line.text, figures: line.figures });
}

function foldModel(model: ModelBoard, event: Exclude<BoardEvent, EventRejected>, at: number): void {
  if (isRoute(event)) return foldRouteEvent(model, event);
  if (event instanceof RouteAdopted) model.adopted.set(event.slot, Math.max(event.epoch, model.adopted.get(event.slot) ?? 0));
  else if (event instanceof ModelLoaded) model.loaded.set(event.rolloutId, new Set([...(model.loaded.get(event.rolloutId) ?? []), event.slot]));
  else if (event instanceof ArmObserved) foldArm(model, event);
  else if (event instanceof PerformanceReported) foldPerformance(model, event);
  else if (event instanceof RetrainRequested) {
    const { episode, trigger, evidence, since, newLabels, championVersion } = event;
    if (!model.episodes.has(episode)) model.episodes.set(episode, { episode, trigger, evidence, since, newLabels, championVersion, requestedAt: at });
  } else if (event instanceof TrainingStarted) training(model, event.training, { state: 'running', trigger: event.request.trigger, startedAt: at });
  else if (event instanceof ModelTrained) training(model, event.training, { state: 'trained', endedAt: at, bundle: event.bundle, seconds: event.seconds });
  else if (event instanceof TrainingFailed) training(model, event.training, { state: 'failed', endedAt: at, reason: `${event.reason} (${event.code})` });
  else if (event instanceof ModelVersionRegistered) version(model, event, { state: 'registered', trained: event.trained, registeredAt: at });
  else if (event instanceof ModelVersionApproved) version(model, event, { state: 'approved', verdicts: event.verdicts, decidedAt: at });
  else if (event instanceof ModelVersionRejected) version(model, event, { state: 'rejected', verdicts: event.verdicts, decidedAt: at });
}

const isRoute = (event: Event): event is RolloutStarted | RouteChanged | RolloutCompleted | RolloutAborted =>
  event instanceof RolloutStarted || event instanceof RouteChanged || event instanceof RolloutCompleted || event instanceof RolloutAborted;

function foldRouteEvent(model: ModelBoard, event: RolloutStarted | RouteChanged | RolloutCompleted | RolloutAborted): void {
  // Never routed: the slots that adopted the present epoch do not answer by it.
  if (event instanceof RolloutAborted && model.routes.running?.epoch === undefined) model.withdrawnBy.set(event.version, model.routes.epoch);
  if (event instanceof RouteChanged) for (const each of event.withdrawn) model.withdrawnBy.set(each, event.epoch);
  model.routes = foldRoutes(model.routes, event);
}

function foldArm(model: ModelBoard, { epoch, role, slots }: ArmObserved): void {
  const key = `${epoch}/${role}`;
  const counts = model.outcomes.get(key) ?? new Map();
  for (const { slot, ok, fallback, failed } of slots) counts.set(slot, { ok, fallback, failed });
  model.outcomes.delete(key);
  model.outcomes.set(key, counts);
  const [oldest] = model.outcomes.keys();
  if (model.outcomes.size > armsKept && oldest !== undefined) model.outcomes.delete(oldest);
}

function foldPerformance(model: ModelBoard, event: PerformanceReported): void {
  const { version, role, windowStart, windowEnd, predictions, labelled, auc, logLoss, accuracy, meanPrediction, rate, violations } = event;
  model.performance.set(`${version}/${role}/${windowStart}`, { version, role, day: dayOf(windowStart), windowStart, windowEnd, predictions, labelled, auc, logLoss, accuracy, meanPrediction, rate, violations });
}

function training(model: ModelBoard, id: string, change: Partial<TrainingView>): void {
  const known = model.trainings.get(id) ?? { id, state: 'running', trigger: null, startedAt: null, endedAt: null, bundle: null, seconds: null, reason: null };
  model.trainings.set(id, { ...known, ...change });
}

function version(model: ModelBoard, { version: number, bundle }: { version: number; bundle: string }, change: Partial<VersionView>): void {
  const known = model.versions.get(number) ?? { version: number, bundle, state: 'registered', verdicts: [], trained: null, registeredAt: null, decidedAt: null };
  model.versions.set(number, { ...known, ...change });
}

function foldRejected(board: Board, { stream, code, reason }: EventRejected, at: number): void {
  board.rejected.set(code, (board.rejected.get(code) ?? 0) + 1);
  board.newestRejected.unshift({ stream, code, reason, at });
  board.newestRejected.length = Math.min(board.newestRejected.length, newestRejectedKept);
}

import {
  CommandIssued, ModelLoadFailed, ModelTrained, ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, PerformanceReported, RetrainRequested, RolloutAborted, RolloutCompleted,
  RolloutStarted, RouteChanged, TrainingFailed, TrainingStarted, classOf, type Arm, type Evaluation, type Event, type Verdict,
} from '@millrace/contracts';
import { counted, dayOf, figure, minuteOf, short } from './figures.ts';

/** A line of a timeline. */
export interface Line {
  readonly kind: string;
  readonly text: string;
  readonly figures: Readonly<Record<string, unknown>>;
  /** A later line about the same takes its place. */
  readonly about?: string;
}

/** What a person should read of an event; undefined where there is nothing to say. */
export function lineOf(event: Event): Line | undefined {
  const said = learning(event) ?? verdicts(event) ?? routes(event);
  return said && { kind: classOf(event).stem, ...said };
}

type Said = Omit<Line, 'kind'> | undefined;

function learning(event: Event): Said {
  if (event instanceof RetrainRequested) {
    const { trigger, evidence, since, newLabels, championVersion, episode } = event;
    const from = minuteOf(since);
    const data = newLabels > 0 ? `; data until ${counted(newLabels)} labels${from ? ` from ${from} on` : ''}` : '';
    return { text: `training requested (${trigger}): ${evidence.join('; ') || 'no evidence given'}${data}`, figures: { episode, trigger, since, newLabels, championVersion } };
  }
  if (event instanceof TrainingStarted) return { text: `training ${short(event.training)} started (${event.request.trigger})`, figures: { training: event.training, trigger: event.request.trigger } };
  if (event instanceof TrainingFailed) return { text: `training ${short(event.training)} failed: ${event.reason} (${event.code})`, figures: { training: event.training, code: event.code, retriable: event.retriable } };
  if (event instanceof ModelTrained) {
    const { training, bundle, dataset, candidate, champion, championVersion, seconds } = event;
    const against = champion ? `; champion version ${championVersion} on the same rows: ${evaluation(champion)}` : '';
    const text = `training ${short(training)} done in ${seconds.toFixed(1)} s: ${counted(dataset.rows)} rows to ${minuteOf(dataset.to)}, ${counted(dataset.holdoutRows)} held out: ${evaluation(candidate)}${against}`;
    return { text, figures: { training, bundle, rows: dataset.rows, holdoutRows: dataset.holdoutRows, dataset: dataset.hash, modelHash: event.modelHash, seconds, candidate, champion, championVersion } };
  }
  if (event instanceof PerformanceReported) {
    const { version, role, windowStart, windowEnd, predictions, labelled, auc, logLoss, accuracy, meanPrediction, rate, violations } = event;
    const alarm = violations.length > 0 ? `; alarm: ${violations.join('; ')}` : '';
    return {
      about: `performance ${version}/${role}/${windowStart}`,
      text: `${dayOf(windowStart)}: version ${version} (${role.toLowerCase()}) on ${counted(labelled)} of ${counted(predictions)} predictions: AUC ${figure(auc)}, log loss ${figure(logLoss)}, mean prediction ${figure(meanPrediction)} against rate ${figure(rate)}${alarm}`,
      figures: { version, role, windowStart, windowEnd, predictions, labelled, auc, logLoss, accuracy, meanPrediction, rate, violations },
    };
  }
  return undefined;
}

function verdicts(event: Event): Said {
  if (event instanceof ModelVersionRegistered) return { text: `version ${event.version} registered: bundle ${short(event.bundle)} of training ${short(event.training)}`, figures: { version: event.version, bundle: event.bundle, training: event.training } };
  if (event instanceof ModelVersionApproved) return { text: `version ${event.version} approved by ${event.approvedBy}: ${sentences(event.verdicts)}`, figures: { version: event.version, bundle: event.bundle, verdicts: event.verdicts } };
  if (event instanceof ModelVersionRejected) return { text: `version ${event.version} rejected by ${event.rejectedBy}: ${sentences(event.verdicts)}`, figures: { version: event.version, bundle: event.bundle, verdicts: event.verdicts } };
  return undefined;
}

function routes(event: Event): Said {
  if (event instanceof RolloutStarted) {
    const { version, previousVersion, steps, rolloutId } = event;
    const plan = previousVersion === null ? 'the first version, 100 % once it is loaded' : `in place of version ${previousVersion}, by steps of ${steps.join(', ')} %`;
    return { text: `version ${version} is being loaded: ${plan}`, figures: { version, previousVersion, steps, rolloutId } };
  }
  if (event instanceof RouteChanged) {
    const { epoch, arms, withdrawn, reason, rolloutId } = event;
    return { text: `route epoch ${epoch}: ${arms.map(share).join(', ')} (${reason})`, figures: { epoch, arms, withdrawn, rolloutId } };
  }
  if (event instanceof RolloutCompleted) return { text: `version ${event.version} is the champion`, figures: { version: event.version, bundle: event.bundle, rolloutId: event.rolloutId } };
  if (event instanceof RolloutAborted) return { text: `version ${event.version} withdrawn by ${event.by}: ${event.reason}`, figures: { version: event.version, rolloutId: event.rolloutId, by: event.by } };
  if (event instanceof ModelLoadFailed) return { text: `slot ${event.slot} cannot load version ${event.version}: ${event.reason} (${event.code})`, figures: { slot: event.slot, version: event.version, code: event.code } };
  if (event instanceof CommandIssued) {
    const { kind, version, who, why, commandId } = event;
    return { text: `${who} asks: ${kind.toLowerCase().replace('_', ' ')}${version === null ? '' : ` version ${version}`}, because ${why}`, figures: { commandId, kind, version, who } };
  }
  return undefined;
}

const share = ({ version, role, weight }: Arm): string => `version ${version} ${role === 'CHAMPION' ? '' : `(${role.toLowerCase()}) `}at ${weight} %`;
const evaluation = ({ auc, logLoss }: Evaluation): string => `AUC ${figure(auc)}, log loss ${figure(logLoss)}`;
const sentences = (all: readonly Verdict[]): string => all.map(({ sentence, passed }) => (passed ? sentence : `${sentence} (failed)`)).join('; ') || 'no gates';

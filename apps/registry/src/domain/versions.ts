import { ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected } from '@millrace/contracts';
import type { GateDefinition } from '@millrace/definitions';
import { defineDecider, type JobOrder } from '@millrace/messaging';
import { JudgeVersion } from './judge-version.ts';

export const versionEvents = [ModelVersionRegistered, ModelVersionApproved, ModelVersionRejected] as const;
export type VersionEvent = ModelVersionRegistered | ModelVersionApproved | ModelVersionRejected;

/** A version without verdict. */
export interface PendingVersion {
  readonly version: number;
  readonly bundle: string;
  readonly trained: ModelVersionRegistered['trained'];
}

export interface VersionsState {
  // Own events.
  /** Highest version by model. */
  readonly highest: ReadonlyMap<string, number>;
  /** Trainings whose model has a version. */
  readonly trainings: ReadonlySet<string>;
  /** By model. */
  readonly pending: ReadonlyMap<string, readonly PendingVersion[]>;
  // Inputs.
  /** Gates that the definitions in force declare, by model. */
  readonly gates: ReadonlyMap<string, readonly GateDefinition[]>;
}

/** Versions of all models: numbered, judged once, never changed. */
export const Versions = defineDecider({
  name: 'versions',
  events: versionEvents,
  initial: { highest: new Map(), trainings: new Set(), pending: new Map(), gates: new Map() } as VersionsState,
  evolve,
  jobs,
});

function evolve(state: VersionsState, event: VersionEvent): VersionsState {
  const { model, version } = event;
  const pending = state.pending.get(model) ?? [];
  if (!(event instanceof ModelVersionRegistered)) return { ...state, pending: put(state.pending, model, pending.filter((each) => each.version !== version)) };
  const { bundle, training, trained } = event;
  return { ...state, highest: put(state.highest, model, version), trainings: new Set(state.trainings).add(training), pending: put(state.pending, model, [...pending, { version, bundle, trained }]) };
}

/** Judges each version without verdict by the gates in force; while its model is not declared it waits. */
function* jobs({ pending, gates }: VersionsState): Iterable<JobOrder> {
  for (const [model, versions] of pending) {
    const declared = gates.get(model);
    if (!declared) continue;
    for (const { version, bundle, trained } of versions) {
      const { candidate, champion, championVersion, dataset } = trained;
      yield JudgeVersion(`${model}@${version}`, { model, version, bundle, candidate, champion, championVersion, holdoutRows: dataset.holdoutRows, gates: declared });
    }
  }
}

export function observeDefinitions(state: VersionsState, definitions: string): VersionsState {
  const { models } = JSON.parse(definitions) as { models: readonly { name: string; gates: readonly GateDefinition[] }[] };
  return { ...state, gates: new Map(models.map(({ name, gates }) => [name, gates])) };
}

const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value);

import { ModelTrained, TrainingFailed, TrainingStarted, type DefinitionApplied, type RetrainRequestedFields } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import { defineDecider, type JobOrder } from '@millrace/messaging';
import { TrainModel } from './train-model.ts';

export interface TrainingsState {
  // Own events.
  /** Trainings without an end, in the order of their requests. */
  readonly running: ReadonlyMap<string, RetrainRequestedFields>;
  /** All that were ever started. */
  readonly started: ReadonlySet<string>;
  // Inputs.
  /** Models by hash of the set that declared them, then by name. */
  readonly definitions: ReadonlyMap<string, ReadonlyMap<string, ModelDefinition>>;
}

/** Trainings of all models: one for each request, whatever happens to this process. */
export const Trainings = defineDecider({
  name: 'trainings',
  events: [TrainingStarted, ModelTrained, TrainingFailed],
  initial: { running: new Map(), started: new Set(), definitions: new Map() } as TrainingsState,
  evolve(state, event) {
    const running = new Map(state.running);
    if (!(event instanceof TrainingStarted)) return running.delete(event.training) ? { ...state, running } : state;
    return { ...state, running: running.set(event.training, event.request), started: new Set([...state.started, event.training]) };
  },
  jobs,
});

/** A request may be read before the definitions that it names: its job waits for them. */
function* jobs({ running, definitions }: TrainingsState): Iterable<JobOrder> {
  for (const [training, request] of running) {
    const definition = definitions.get(request.definitionHash)?.get(request.model);
    if (definition) yield TrainModel(training, { training, request: { ...request }, definition });
  }
}

export function observeDefinitions(state: TrainingsState, { hash, definitions }: DefinitionApplied): TrainingsState {
  const { models } = JSON.parse(definitions) as { models: readonly ModelDefinition[] };
  return { ...state, definitions: new Map(state.definitions).set(hash, new Map(models.map((model) => [model.name, model]))) };
}

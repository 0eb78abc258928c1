import { describe, expect, it } from '@jest/globals';
import { DefinitionApplied, MillraceError, RetrainRequested, TrainingFailed } from '@millrace/contracts';
import type { Read } from '@millrace/messaging';
import { DefinitionAppliedHandler } from '../handlers/definition-applied.handler.ts';
import { RetrainRequestedHandler } from '../handlers/retrain-requested.handler.ts';
import { TrainModel } from './train-model.ts';
import { Trainings, type TrainingsState } from './trainings.ts';

const request = (episode: string, definitionHash = 'd1'): RetrainRequested =>
  new RetrainRequested({ model: 'm', episode, trigger: 'labels', evidence: [], since: 0, newLabels: 10, championVersion: null, championBundle: null, definitionHash });
const applied = (hash: string, ...names: string[]): DefinitionApplied => new DefinitionApplied({ hash, definitions: JSON.stringify({ models: names.map((name) => ({ name })) }), schemas: [], appliedAt: 0, by: 'test' });

function requested(state: TrainingsState, ...requests: RetrainRequested[]): TrainingsState {
  return requests.reduce((before, event) => [...new RetrainRequestedHandler().decide(before, { event } as Read<RetrainRequested>)].reduce(Trainings.evolve, before), state);
}
const defined = (state: TrainingsState, event: DefinitionApplied): TrainingsState => new DefinitionAppliedHandler().observe(state, { event } as Read<DefinitionApplied>);
const jobsOf = (state: TrainingsState): unknown[] => [...Trainings.jobs!(state)].map(({ id, input }) => [id, (input as { definition: { name: string } }).definition.name]);

describe('the trainings', () => {
  it('start one job for each episode, however often it is requested', () => {
    const state = requested(defined(Trainings.initial, applied('d1', 'm')), request('e1'), request('e2'), request('e1'));
    expect(jobsOf(state)).toEqual([['e1', 'm'], ['e2', 'm']]);
  });

  it('wait for the definitions that a request names', () => {
    const state = requested(Trainings.initial, request('e1', 'd2'));
    expect(jobsOf(state)).toEqual([]);
    expect(jobsOf(defined(state, applied('d1', 'm')))).toEqual([]);
    expect(jobsOf(defined(defined(state, applied('d2', 'm')), applied('d3')))).toEqual([['e1', 'm']]);
  });

  it('end with their job, and do not begin again when it failed', () => {
    const running = requested(defined(Trainings.initial, applied('d1', 'm')), request('e1'));
    const failed = TrainModel.failed(new MillraceError('TRAINING_TOO_SMALL', 'too few rows'), 'e1', { training: 'e1', request: request('e1'), definition: { name: 'm' } as never });
    expect(failed).toEqual(new TrainingFailed({ model: 'm', training: 'e1', code: 'TRAINING_TOO_SMALL', reason: 'too few rows', retriable: false }));
    const ended = Trainings.evolve(running, failed);
    expect(jobsOf(ended)).toEqual([]);
    expect(jobsOf(requested(ended, request('e1')))).toEqual([]);
  });
});

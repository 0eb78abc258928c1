import { describe, expect, it } from '@jest/globals';
import { CommandIssued, DefinitionApplied, ModelTrained, ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, type Event } from '@millrace/contracts';
import type { Read } from '@millrace/messaging';
import { CommandIssuedHandler } from '../handlers/command-issued.handler.ts';
import { DefinitionAppliedHandler } from '../handlers/definition-applied.handler.ts';
import { ModelTrainedHandler } from '../handlers/model-trained.handler.ts';
import { Versions, type VersionEvent, type VersionsState } from './versions.ts';

const gates = [{ kind: 'at-least', metric: 'auc', limit: 0.6 }, { kind: 'answers-in-runtime' }];
const figures = { auc: 0.7, logLoss: 0.4, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 };
const trained = (training: string, model = 'm'): ModelTrained =>
  new ModelTrained({
    model, training, bundle: `bundle of ${training}`, modelHash: 'h', featureSet: 'f', definitionHash: 'd', candidate: figures, champion: null, championVersion: null, seconds: 3,
    dataset: { hash: 'rows', rows: 100, holdoutRows: 20, from: 1, to: 2, end: [{ slot: 0, position: 5 }] },
  });
const applied = (...models: string[]): DefinitionApplied => new DefinitionApplied({ hash: 'h', definitions: JSON.stringify({ streams: [], models: models.map((name) => ({ name, gates })) }), schemas: [], appliedAt: 0, by: 'me' });
const command = (kind: CommandIssued['kind'], version: number | null, model = 'm'): CommandIssued => new CommandIssued({ commandId: `${kind} ${version}`, kind, model, version, who: 'ann', why: 'because', issuedAt: 0 });
const registered = (version: number, training: string): ModelVersionRegistered => new ModelVersionRegistered({ model: 'm', version, bundle: `bundle of ${training}`, training, trained: trained(training) });
const decided = { model: 'm', bundle: 'bundle of t1', verdicts: [] };
const approved = new ModelVersionApproved({ ...decided, version: 1, approvedBy: 'gates' });
const rejected = new ModelVersionRejected({ ...decided, version: 1, rejectedBy: 'gates' });

const readOf = <E extends Event>(event: E): Read<E> => ({ event, topic: '', partition: 0, position: 0, time: 0, id: Buffer.alloc(0), headers: {} });

/** Inputs are handled one after the other; the state after the own events in between is the one that a restart folds. */
function when(given: readonly VersionEvent[], ...inputs: Event[]): { events: VersionEvent[]; state: VersionsState } {
  let state = given.reduce(Versions.evolve, Versions.initial);
  const events: VersionEvent[] = [];
  for (const input of inputs) {
    if (input instanceof DefinitionApplied) state = new DefinitionAppliedHandler().observe(state, readOf(input));
    const decision = input instanceof ModelTrained ? new ModelTrainedHandler().decide(state, readOf(input)) : input instanceof CommandIssued ? new CommandIssuedHandler().decide(state, readOf(input)) : [];
    for (const event of decision) {
      events.push(event);
      state = Versions.evolve(state, event);
    }
  }
  return { events, state };
}
const jobsOf = (state: VersionsState) => [...Versions.jobs!(state)];

describe('a trained model', () => {
  it('is registered with the next version number of its model', () => {
    expect(when([registered(1, 't1')], trained('t2'), trained('other', 'n'), trained('t3')).events).toMatchObject([
      { model: 'm', version: 2, training: 't2', bundle: 'bundle of t2' },
      { model: 'n', version: 1 },
      { model: 'm', version: 3, trained: { dataset: { hash: 'rows' } } },
    ]);
  });

  it('is registered once, whatever came of it', () => {
    expect(when([registered(1, 't1'), rejected], trained('t1')).events).toEqual([]);
    expect(when([], trained('t1'), trained('t1')).events).toHaveLength(1);
  });
});

describe('the job that judges', () => {
  it('runs for each version without verdict, with the gates in force', () => {
    const { state } = when([registered(1, 't1'), approved, registered(2, 't2')], applied('m'), trained('t3'));
    expect(jobsOf(state)).toMatchObject([2, 3].map((version) => ({ job: 'judge-version', id: `m@${version}`, input: { model: 'm', version, bundle: `bundle of t${version}`, candidate: figures, champion: null, holdoutRows: 20, gates } })));
  });

  it('waits until the model is declared', () => {
    expect(jobsOf(when([registered(1, 't1')], applied('n')).state)).toEqual([]);
  });

  it.each([approved, rejected])('ends with the verdict', (verdict) => {
    expect(jobsOf(when([registered(1, 't1'), verdict], applied('m')).state)).toEqual([]);
  });

  it('is the same after a restart, which folds own events before inputs', () => {
    const before = when([], applied('m'), trained('t1')).state;
    const after = when([registered(1, 't1')], applied('m')).state;
    expect(jobsOf(after)).toEqual(jobsOf(before));
  });
});

describe('an operator', () => {
  it('may decide before the gates have', () => {
    expect(when([registered(1, 't1')], applied('m'), command('APPROVE', 1)).events).toMatchObject([{ version: 1, bundle: 'bundle of t1', approvedBy: 'ann', verdicts: [{ gate: 'operator', passed: true, sentence: 'ann: because' }] }]);
    const { events, state } = when([registered(1, 't1')], applied('m'), command('REJECT', 1), command('APPROVE', 1));
    expect(events).toMatchObject([{ version: 1, rejectedBy: 'ann', verdicts: [{ passed: false }] }]);
    expect(jobsOf(state)).toEqual([]);
  });

  it.each([command('APPROVE', 7), command('APPROVE', null), command('REJECT', 1, 'n'), command('ROLL_BACK', 1)])('changes nothing by $kind of version $version of $model', (input) => {
    expect(when([registered(1, 't1')], input).events).toEqual([]);
  });

  it('cannot change a verdict', () => {
    expect(when([registered(1, 't1'), approved], command('REJECT', 1)).events).toEqual([]);
  });
});

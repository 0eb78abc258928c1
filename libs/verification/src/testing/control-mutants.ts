import type { LogRecord } from '../history/log-record.ts';
import type { Mutants } from './data-mutants.ts';
import type { Mutation } from './mutation.ts';

const prediction = (m: Mutation, holds?: Parameters<Mutation['one']>[2]): LogRecord => m.one('predictions', 'prediction-made', holds);
const adoption = (m: Mutation, holds?: Parameters<Mutation['one']>[2]): LogRecord => m.one('serving', 'route-adopted', holds);
const route = (m: Mutation, epoch: number): LogRecord => m.one('rollouts', 'route-changed', (fields) => fields.epoch === epoch);
const arms = (m: Mutation, epoch: number): { role: string; version: number; bundle: string; weight: number }[] => m.fields(route(m, epoch)).arms;
const version = (m: Mutation, number: number): LogRecord => m.one('model-versions', 'model-version-registered', (fields) => fields.version === number);

export const controlMutants: Mutants = {
  epochs: {
    'an epoch falls': (m) => m.change(prediction(m, ({ epoch }, { offset }) => epoch === 1 && offset > 12), { epoch: 0 }),
    'an answer under an old epoch at the end': (m) => m.again(prediction(m, ({ epoch }) => epoch === 1)),
    'two predictions change places across epochs': (m) => m.swap(...m.pair('predictions', 'prediction-made', (a, b) => a.epoch < b.epoch)),
    'a slot adopts an epoch twice': (m) => m.again(adoption(m)),
    'a slot goes back to an epoch': (m) => m.again(adoption(m), { epoch: 1 }),
    'adoptions change places': (m) => m.swap(...m.pair('serving', 'route-adopted', (a, b) => a.slot === b.slot && a.offset < b.offset)),
  },
  routes: {
    'another version': (m) => m.change(prediction(m), { version: 3 }),
    'another bundle': (m) => m.change(prediction(m), { bundle: 'b9'.padEnd(64, '0') }),
    'another role': (m) => m.change(prediction(m, ({ role }) => role === 'CHAMPION'), { role: 'CANARY' }),
    'another rollout': (m) => m.change(prediction(m), { rolloutId: 'r9' }),
    'an epoch that nobody decided': (m) => m.change(prediction(m), { epoch: 99 }),
    'an epoch that the slot had not adopted': (m) => { const record = prediction(m, ({ epoch }) => epoch === 1); m.change(record, { epoch: 2, rolloutId: 'r2' }); },
    'the other arm': (m) => m.change(prediction(m, ({ epoch, role }) => epoch === 2 && role === 'CHAMPION'), { ...answer(arms(m, 2)[1]!) }),
    'the champion in place of the canary': (m) => m.change(prediction(m, ({ role, epoch }) => role === 'CANARY' && (epoch === 2 || epoch === 6)), { ...answer(arms(m, 2)[0]!) }),
    'a withdrawn version goes on answering': (m) => { const { epoch, rolloutId, arms: of } = m.fields(route(m, 4)); m.change(prediction(m, (fields) => fields.epoch === 5), { epoch, rolloutId, ...answer(of[0]) }); },
    'a score of a failure': (m) => m.change(prediction(m, ({ outcome }) => outcome === 'FAILED'), { score: 0.5 }),
    'no score': (m) => m.change(prediction(m, ({ outcome }) => outcome === 'OK'), { score: null }),
    'a failure of what was answered': (m) => m.change(prediction(m, ({ outcome }) => outcome === 'OK'), { failure: 'x' }),
    'a score beyond 1': (m) => m.change(prediction(m, ({ outcome }) => outcome === 'OK'), { score: 1.5 }),
    'a score that is no number': (m) => m.change(prediction(m, ({ outcome }) => outcome === 'OK'), { score: Number.NaN }),
    'a fallback by the champion': (m) => m.change(prediction(m, ({ outcome }) => outcome === 'OK'), { outcome: 'FALLBACK' }),
    'a slot adopts what nobody decided': (m) => m.change(adoption(m, ({ epoch }) => epoch === 7), { epoch: 77 }),
    'a slot adopts under another rollout': (m) => m.change(adoption(m), { rolloutId: 'r9' }),
    'an adoption from another offset on': (m) => m.change(adoption(m, ({ epoch, offset }) => epoch === 2 && offset > 4), { offset: 0 }),
    'the weight of a route changes afterwards': (m) => m.change(route(m, 2), { arms: [{ ...arms(m, 2)[0]!, weight: 25 }, { ...arms(m, 2)[1]!, weight: 75 }] }),
  },
  deciders: {
    'a second request of an episode': (m) => m.again(m.one('retrain-requested', 'retrain-requested')),
    'a training starts twice': (m) => m.again(m.one('trainings', 'training-started')),
    'a training that nobody asked for': (m) => m.drop(m.one('retrain-requested', 'retrain-requested')),
    'a training by another request': (m) => { const record = m.one('trainings', 'training-started'); m.change(record, { request: { ...m.fields(record).request, newLabels: 11 } }); },
    'a training ends twice': (m) => m.again(m.one('trainings', 'model-trained')),
    'a training ends that never started': (m) => m.drop(m.one('trainings', 'training-started')),
    'a failed training has a model': (m) => m.again(m.one('trainings', 'model-trained'), { training: 'e-failed' }),
    'a version is registered twice': (m) => m.again(version(m, 2)),
    'a version number is left out': (m) => m.change(version(m, 4), { version: 5 }),
    'two versions of one training': (m) => m.again(version(m, 4), { version: 5 }),
    'a version of no training': (m) => m.change(version(m, 1), { training: 'e9' }),
    'a version with another bundle': (m) => m.change(version(m, 2), { bundle: 'b7' }),
    'a version is judged twice': (m) => m.again(m.one('model-versions', 'model-version-approved')),
    'a version is judged before it is there': (m) => m.drop(version(m, 4)),
    'approved, though a gate failed': (m) => m.change(m.one('model-versions', 'model-version-approved'), { verdicts: [{ gate: 'g', passed: false, value: 0, limit: 1, sentence: '' }] }),
    'a rejected version is rolled out': (m) => m.change(m.one('rollouts', 'rollout-started', (fields) => fields.version === 4), { version: 3, bundle: 'b3'.padEnd(64, '0') }),
    'a rollout starts twice': (m) => m.again(m.one('rollouts', 'rollout-started')),
    'a rollout starts while one runs': (m) => m.drop(m.one('rollouts', 'rollout-completed')),
    'a rollout ends twice': (m) => m.again(m.one('rollouts', 'rollout-completed')),
    'a rollout is completed and aborted': (m) => m.again(m.one('rollouts', 'rollout-aborted'), { rolloutId: 'r1', version: 1 }),
    'an epoch comes twice': (m) => m.change(route(m, 3), { epoch: 2 }),
    'an epoch falls': (m) => m.swap(...m.pair('rollouts', 'route-changed', (a, b) => a.epoch < b.epoch)),
    'two champions': (m) => m.change(route(m, 2), { arms: [{ ...arms(m, 2)[0]!, weight: 50 }, { ...arms(m, 2)[0]!, version: 2, bundle: arms(m, 2)[1]!.bundle, weight: 50 }] }),
    'weights that are not 100': (m) => m.change(route(m, 2), { arms: [{ ...arms(m, 2)[0]!, weight: 70 }, arms(m, 2)[1]!] }),
    'a withdrawn version is routed': (m) => m.change(route(m, 6), { arms: [{ ...arms(m, 6)[0]!, version: 2, bundle: arms(m, 2)[1]!.bundle }, arms(m, 6)[1]!] }),
    'a route to another bundle': (m) => m.change(route(m, 5), { arms: [{ ...arms(m, 5)[0]!, bundle: 'b9' }] }),
    'a champion that no rollout made': (m) => m.change(route(m, 5), { arms: [{ ...arms(m, 5)[0]!, version: 4, bundle: 'b4'.padEnd(64, '0') }] }),
    'a step is skipped': (m) => m.drop(route(m, 3)),
    'a step that was not declared': (m) => m.change(route(m, 2), { arms: [{ ...arms(m, 2)[0]!, weight: 60 }, { ...arms(m, 2)[1]!, weight: 40 }] }),
    'a window is judged twice': (m) => m.again(m.one('findings', 'performance-reported')),
  },
  'deciders by sequence': {
    'a decision is lost': (m) => m.drop(m.one('findings', 'arm-observed')),
    'a decision at the beginning is lost': (m) => m.drop(m.one('retrain-requested', 'retrain-requested', ({ episode }) => episode === 'e1')),
    'a report is lost': (m) => m.drop(m.all('findings', 'performance-reported')[0]!),
    'a decision is written twice': (m) => m.again(m.one('findings', 'arm-observed')),
    'two events with one sequence': (m) => m.set(m.one('rollouts', 'route-changed', ({ epoch }) => epoch > 1), { headers: Buffer.from('ce_type=x,sequence=0') }),
    'findings out of order': (m) => m.swap(...m.pair('findings', 'arm-observed', () => true)),
  },
};

const answer = ({ role, version: number, bundle }: { role: string; version: number; bundle: string }): object => ({ role, version: number, bundle });

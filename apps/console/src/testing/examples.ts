import {
  ModelTrained, ModelVersionApproved, ModelVersionRegistered, PerformanceReported, RetrainRequested, RolloutAborted, RolloutCompleted, RolloutStarted, RouteAdopted, RouteChanged, TrainingStarted,
  type Arm, type PerformanceReportedFields,
} from '@millrace/contracts';

/** Events of one model as its services would write them, for tests. */
export const model = 'flight-delay';
export const arm = (role: Arm['role'], version: number, weight: number): Arm => ({ role, version, bundle: `b${version}`, weight });
export const started = (version: number, previousVersion: number | null = null) =>
  new RolloutStarted({ model, rolloutId: `r${version}`, version, bundle: `b${version}`, previousVersion, previousBundle: previousVersion === null ? null : `b${previousVersion}`, steps: [5, 25, 75, 100] });
export const routed = (epoch: number, rolloutId: string, arms: Arm[], reason: string, withdrawn: number[] = []) => new RouteChanged({ model, rolloutId, epoch, arms, withdrawn, reason });
export const completed = (version: number) => new RolloutCompleted({ model, rolloutId: `r${version}`, version, bundle: `b${version}` });
export const aborted = (version: number) => new RolloutAborted({ model, rolloutId: `r${version}`, version, reason: 'too many failures', by: 'deployer' });
export const adopted = (slot: number, epoch: number) => new RouteAdopted({ model, rolloutId: '', slot, epoch, offset: 0, instance: 'i' });
/** Version 1 becomes the champion. */
export const first = [started(1), routed(1, 'r1', [arm('CHAMPION', 1, 100)], 'version 1 is the first'), completed(1)];
/** Version 2 takes 5 % beside it. */
export const second = [started(2, 1), routed(2, 'r2', [arm('CHAMPION', 1, 95), arm('CANARY', 2, 5)], 'loaded by all slots')];

export const requested = new RetrainRequested({
  model, episode: 'e1e1e1e1e1', trigger: 'miscalibrated', evidence: ['mean prediction 0.2103 against rate 0.3012 on 2001-01-04'], since: Date.UTC(2001, 0, 4), newLabels: 60_000, championVersion: 1, championBundle: 'b1', definitionHash: 'd',
});
export const trainingStarted = new TrainingStarted({ training: 'e1e1e1e1e1', request: { ...requested } });
export const trained = new ModelTrained({
  model, training: 'e1e1e1e1e1', bundle: 'b2b2b2b2b2b2', modelHash: 'h', featureSet: 'f', definitionHash: 'd', championVersion: 1, seconds: 3.21,
  dataset: { hash: 's', rows: 101_954, holdoutRows: 20_391, from: 0, to: Date.UTC(2001, 0, 7, 21, 24), end: [] },
  candidate: { auc: 0.6588, logLoss: 0.35962, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 }, champion: { auc: 0.658, logLoss: 0.3853, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 },
});
export const registered = new ModelVersionRegistered({ model, version: 2, bundle: 'b2b2b2b2b2b2', training: 'e1e1e1e1e1', trained: { ...trained } });
export const approved = new ModelVersionApproved({
  model, version: 2, bundle: 'b2b2b2b2b2b2', approvedBy: 'gates', verdicts: [{ gate: 'at-least auc', passed: true, value: 0.6588, limit: 0.6, sentence: 'AUC 0.6588 is at least 0.6' }],
});
export const performance = (change: Partial<PerformanceReportedFields> = {}) =>
  new PerformanceReported({
    model, version: 1, role: 'CHAMPION', windowStart: Date.UTC(2001, 0, 8), windowEnd: Date.UTC(2001, 0, 9), predictions: 14_201, labelled: 13_998, auc: 0.7012, logLoss: 0.4501, accuracy: 0.8, meanPrediction: 0.2222, rate: 0.2811, violations: [], ...change,
  });

export { accuracy, isRight } from './accuracy.ts';
export { areaUnderCurve } from './area-under-curve.ts';
export { Calibration } from './calibration.ts';
export { logLoss, lossOf } from './log-loss.ts';
export { meanOf } from './mean-of.ts';
export { ScoreHistogram } from './score-histogram.ts';

export { armOf, shareOf } from './arm-of.ts';
export { failedShare, judgeStep, type ArmOutcomes, type StepEvidence, type StepVerdict } from './judge-step.ts';
export { championOf, foldRoutes, noRoutes, type ModelRoutes, type RoutedVersion, type RunningRollout } from './model-routes.ts';
export { nextWeight } from './next-weight.ts';

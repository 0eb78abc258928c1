export { armOf, shareOf } from './arm-of.ts';
export { failedShare, judgeStep, type ArmOutcomes, type StepEvidence, type StepVerdict } from './judge-step.ts';
export { nextWeight } from './next-weight.ts';

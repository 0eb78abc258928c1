export { admit, type Admitted } from './admission.ts';
export { checkModel, type CheckedModel } from './onnx/check-model.ts';
export { ModelRefusal } from './onnx/model-refusal.ts';
export { ScoringProcess, type ScoringOptions } from './scoring-process.ts';
export type { Provider } from './scoring-child.ts';
export { GOLDEN_TOLERANCE, type Signature } from './signature.ts';

export { InferenceModule } from './inference.module.ts';

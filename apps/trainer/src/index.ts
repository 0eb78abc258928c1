export { TrainerModule } from './trainer.module.ts';

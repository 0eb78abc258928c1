import { serveService } from '@millrace/service';
import { TrainerModule } from './trainer.module.ts';

await serveService('trainer', TrainerModule);

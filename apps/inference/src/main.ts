import { serveService } from '@millrace/service';
import { InferenceModule } from './inference.module.ts';

await serveService('inference', InferenceModule);

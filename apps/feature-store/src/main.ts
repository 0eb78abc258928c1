import { serveService } from '@millrace/service';
import { FeatureStoreModule } from './feature-store.module.ts';

await serveService('feature-store', FeatureStoreModule);

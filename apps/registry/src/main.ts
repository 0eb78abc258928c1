import { serveService } from '@millrace/service';
import { RegistryModule } from './registry.module.ts';

await serveService('registry', RegistryModule);

import { serveService } from '@millrace/service';
import { ConsoleModule } from './console.module.ts';

await serveService('console', ConsoleModule, { ownStatus: true });

import { serveService } from '@millrace/service';
import { MonitorModule } from './monitor.module.ts';

await serveService('monitor', MonitorModule);

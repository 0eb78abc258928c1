import { serveService } from '@millrace/service';
import { IngestionModule } from './ingestion.module.ts';

await serveService('ingestion', IngestionModule);

import { serveService } from '@millrace/service';
import { DeployerModule } from './deployer.module.ts';

await serveService('deployer', DeployerModule);

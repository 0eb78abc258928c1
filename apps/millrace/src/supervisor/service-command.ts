import path from 'node:path';
import { existsSync } from 'node:fs';
import { MillraceError } from '@millrace/contracts';
import { infraDirectory } from '@millrace/embedded';
import type { ServiceCommand } from './service-process.ts';
import type { ServiceName } from './service-names.ts';

export interface ServiceSurroundings {
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly artifacts: string;
}

// Small enough that most of the archive's rows die young in few megabytes, large enough that collecting is below a tenth of the time.
const nodeOptions: Partial<Record<ServiceName, readonly string[]>> = { 'feature-store': ['--max-semi-space-size=16'] };

// Trainings and gates take what predictions leave: their jobs inherit this.
const niceness: Partial<Record<ServiceName, number>> = { trainer: 10, registry: 10 };

/**
 * How a service is run on this machine.
 * @throws MillraceError NOT_BUILT
 */
export function serviceCommand(name: ServiceName, { brokers, databaseUrl, artifacts }: ServiceSurroundings, environment: NodeJS.ProcessEnv): ServiceCommand {
  const entry = path.join(infraDirectory(), '..', 'apps', name, 'dist', 'main.js');
  if (!existsSync(entry)) throw new MillraceError('NOT_BUILT', `${name} is not built: ${entry} is missing`, { hint: 'run npm run build' });
  return {
    name,
    entry,
    niceness: niceness[name] ?? 0,
    nodeOptions: ['--enable-source-maps', ...(nodeOptions[name] ?? [])],
    environment: { MILLRACE_SEAL_MS: '1000', ...environment, KAFKA_BROKERS: brokers, DATABASE_URL: databaseUrl, ARTIFACTS_URL: artifacts },
  };
}

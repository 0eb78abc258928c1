import path from 'node:path';
import { existsSync } from 'node:fs';
import { MillraceError } from '@millrace/contracts';
import { infraDirectory } from '@millrace/embedded';
import { aMinute } from './liveness-watch.ts';
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
    liveness: { host: hostOf(environment['MILLRACE_HOST']), ...aMinute },
    nodeOptions: ['--enable-source-maps', ...(nodeOptions[name] ?? [])],
    // Compiled code is kept between starts: a third less time until a service that was ended answers again.
    environment: { MILLRACE_SEAL_MS: '1000', NODE_COMPILE_CACHE: path.join(infraDirectory(), '..', '.cache', 'compiled'), ...environment, KAFKA_BROKERS: brokers, DATABASE_URL: databaseUrl, ARTIFACTS_URL: artifacts },
  };
}

/** Where a door that listens on `host` answers; one that listens on all addresses does so on this machine's own. */
function hostOf(host: string | undefined): string {
  if (!host || host === '0.0.0.0' || host === '::') return '127.0.0.1';
  return host.includes(':') ? `[${host}]` : host;
}

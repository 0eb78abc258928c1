import 'reflect-metadata';
import { Module, type DynamicModule, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { BundleStore } from '@millrace/archive';
import { MillraceError } from '@millrace/contracts';
import { armFromEnvironment } from '@millrace/fail-points';
import { KafkaCluster, KafkaStrategy, Workspace, findJob, serveJob } from '@millrace/messaging';
import { MillraceExceptionFilter } from './exception.filter.ts';
import { HealthController } from './health.controller.ts';
import { doorAdapter } from './http/door-adapter.ts';
import { doorLimits } from './http/door-limits.ts';
import { Door } from './http/door.ts';
import { readOptions } from './option.ts';
import { ServiceLog } from './service-log.ts';
import { serviceOptions } from './service-options.ts';
import { Shared } from './shared.ts';
import { SnapshotFiles } from './snapshot-files.ts';
import { StatusController } from './status.controller.ts';
import { startTelemetry } from './telemetry.ts';
import { TraceInterceptor } from './trace.interceptor.ts';

/** How long open requests may hold up the end of a service, ms. */
const lastRequestsMs = 2000;

@Module({})
class ServiceModule {
  static of(shared: Shared, module: Type, controllers: Type[]): DynamicModule {
    return { module: ServiceModule, global: true, imports: [module], controllers, providers: [{ provide: Shared, useValue: shared }], exports: [Shared] };
  }
}

/** How a service differs from the others. */
export interface ServeOptions {
  /** Its module answers `GET /status` itself. Default false. */
  readonly ownStatus?: boolean;
}

/**
 * Runs a service: reads its options, starts telemetry, Nest, the HTTP doors and the loops; or, in a child process that its own
 * supervisor started, one job of it. A parent with an IPC channel hears `{ ready, port }`.
 */
export async function serveService(service: string, module: Type, options: ServeOptions = {}): Promise<void> {
  const log = new ServiceLog(service);
  try {
    armFromEnvironment(process.env);
    const job = process.env['MILLRACE_JOB'];
    await (job ? runJob(service, module, job, log) : runService(service, module, log, options));
  } catch (error) {
    const { code, hint, message } = error as MillraceError;
    log.error(`${message}${code ? ` (${code})` : ''}${hint ? `; ${hint}` : ''}`, (error as Error).stack);
    process.exit(1);
  }
}

function share(service: string, log: ServiceLog): Shared {
  const options = readOptions(serviceOptions, process.env);
  const workspace = new Workspace({ prefix: options.workspace, lanes: options.lanes, slots: options.slots });
  const cluster = new KafkaCluster({ brokers: options.brokers, clientId: `millrace-${service}` });
  const door = new Door(doorLimits(options));
  return { service, options, cluster, workspace, bundles: new BundleStore(options.artifacts), door, log, strategy: undefined, now: Date.now };
}

async function runService(service: string, module: Type, log: ServiceLog, { ownStatus = false }: ServeOptions): Promise<void> {
  const bare = share(service, log);
  const stopTelemetry = await startTelemetry(service, bare.options.instance);
  const { cluster, workspace, options, now } = bare;
  const strategy = new KafkaStrategy({ service, cluster, workspace, snapshots: new SnapshotFiles(options.artifacts), log, now, instance: options.instance, sharing: options.sharing, batchSize: options.batchSize });
  const app = await NestFactory.create<NestFastifyApplication>(ServiceModule.of({ ...bare, strategy }, module, [HealthController, ...(ownStatus ? [] : [StatusController])]), doorAdapter(bare.door), { logger: log, bodyParser: false });
  app.useGlobalFilters(new MillraceExceptionFilter(log));
  app.useGlobalInterceptors(new TraceInterceptor());
  strategy.bind(app);
  app.connectMicroservice({ strategy }, { inheritAppConfig: false });
  endOnSignals(app, bare.door, stopTelemetry, log);
  await app.init();
  await app.startAllMicroservices();
  // A burst of connections that the door takes must find room to wait: one that finds none is tried again by its client's kernel only after a second.
  await app.listen({ port: options.port, host: options.host, backlog: options.httpConnections });
  const port = Number(new URL(await app.getUrl()).port);
  log.info(`ready on ${options.host}:${port}`);
  process.send?.({ ready: true, port });
}

async function runJob(service: string, module: Type, job: string, log: ServiceLog): Promise<void> {
  const shared = share(service, log);
  const stopTelemetry = await startTelemetry(service, shared.options.instance);
  const app = await NestFactory.createApplicationContext(ServiceModule.of(shared, module, []), { logger: log });
  await serveJob(job, findJob(app, job));
  await app.close();
  await stopTelemetry();
  process.exit(0);
}

/** First signal: finish the running transactions, answer open requests, write snapshots. A parent that is gone counts as one. */
function endOnSignals(app: NestFastifyApplication, door: Door, stopTelemetry: () => Promise<void>, log: ServiceLog): void {
  let ending = false;
  const end = async (): Promise<void> => {
    if (ending) return;
    ending = true;
    door.stop();
    setTimeout(() => app.getHttpServer().closeAllConnections(), lastRequestsMs).unref();
    try {
      await app.close();
      await stopTelemetry();
    } catch (error) {
      log.error(`not ended in order: ${(error as Error).message}`);
    }
    process.exit(0);
  };
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void end());
  if (process.send) process.on('disconnect', () => void end());
}

import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { EmbeddedDatabase } from '@millrace/embedded';
import { TestCluster, until } from '@millrace/testing';
import { Random } from '../random.ts';
import { canonical, type SchemaIds } from '../workload/encode-item.ts';
import { DrivenService } from './driven-service.ts';
import type { FailPointHit } from './fail-point-hits.ts';
import { childrenOf, isAlive, signalTo } from './processes.ts';
import { serviceNames, type ServiceName } from './service-names.ts';

export interface DeploymentOptions {
  /** Data, logs and artifacts; made new. */
  readonly folder: string;
  readonly workspace: string;
  /** Instances of each service; more than one share lanes by group. */
  readonly instances: 1 | 2;
  /** Kafka nodes; default 1. */
  readonly brokers?: 1 | 3;
  /** Added to the environment of every service. */
  readonly environment?: NodeJS.ProcessEnv;
  /** Fail points of a service during the whole run. */
  readonly failPoints?: (service: ServiceName) => string;
  /** Options for Node.js of every service. */
  readonly nodeOptions?: readonly string[];
  /** How long a step of a rollout waits for outcomes, ms; default as the definitions say. */
  readonly rolloutWaitMs?: number;
  /** Gives jitter of the network and the chance in fail points. */
  readonly seed?: number;
  /** Folder of archive, bundles and snapshots, when it is not to lie in `folder`. */
  readonly artifacts?: string;
}

const commandWithinMs = 60_000;

/** Kafka behind proxies, a database and all services as processes, with the order definitions applied. */
export class Deployment {
  readonly options: DeploymentOptions;
  readonly services: DrivenService[] = [];
  readonly logs: string;
  readonly artifacts: string;
  kafka!: TestCluster;
  database!: EmbeddedDatabase;
  brokers!: string;
  schemaIds: SchemaIds = {};

  constructor(options: DeploymentOptions) {
    this.options = options;
    this.logs = join(options.folder, 'logs');
    this.artifacts = options.artifacts ?? join(options.folder, 'artifacts');
    for (const folder of [this.logs, this.artifacts]) mkdirSync(folder, { recursive: true });
  }

  async start(): Promise<void> {
    const { folder, instances, brokers = 1, seed = 0 } = this.options;
    const jitter = new Random('jitter', seed);
    // One after the other: what has started is ended also when the next one fails.
    this.kafka = await TestCluster.start({ dataDir: join(folder, 'kafka'), nodes: brokers, random: () => jitter.next() });
    this.database = await EmbeddedDatabase.start({ dataDir: join(folder, 'postgres') });
    this.brokers = this.kafka.brokers;
    const environment: NodeJS.ProcessEnv = {
      KAFKA_BROKERS: this.brokers,
      DATABASE_URL: this.database.url,
      ARTIFACTS_URL: this.artifacts,
      MILLRACE_WORKSPACE: this.options.workspace,
      MILLRACE_SEAL_MS: '500',
      MILLRACE_SHARING: instances > 1 ? 'group' : 'static',
      ...this.options.environment,
    };
    for (let instance = 1; instance <= instances; instance++) {
      for (const name of serviceNames) this.services.push(new DrivenService({ name, instance, environment, failPoints: this.options.failPoints?.(name) ?? '', logs: this.logs, nodeOptions: this.options.nodeOptions ?? [], seed }));
    }
    await this.all('console')[0]!.start();
    await this.apply();
    await Promise.all(this.services.map((service) => service.start()));
    await until(async () => (await this.standings()).every((standing) => standing?.loops.every(({ state }) => state === 'running')), { what: 'all loops of all services', timeoutMs: 120_000, everyMs: 200 });
  }

  /** Ends PostgreSQL, in order or by SIGKILL, and starts it again where it was. */
  async restartDatabase(signal: 'SIGINT' | 'SIGKILL', awayMs: number): Promise<void> {
    const { pid, port, exited } = this.database;
    if (signal === 'SIGINT') await this.database.stop();
    else {
      const children = childrenOf(pid);
      process.kill(pid, 'SIGKILL');
      await exited;
      // They end by themselves when they see it; a new server on the same data must not meet them.
      for (const end = performance.now() + 10_000; children.some(isAlive) && performance.now() < end; ) await delay(50);
    }
    await delay(awayMs);
    this.database = await EmbeddedDatabase.start({ dataDir: join(this.options.folder, 'postgres'), port });
  }

  all(name: ServiceName): DrivenService[] {
    return this.services.filter((service) => service.name === name);
  }

  /** Address of one instance of a service that listens. */
  door(name: ServiceName): string | undefined {
    return this.all(name).find(({ url }) => url !== undefined)?.url;
  }

  /** `GET /status` of each service; undefined where none comes. */
  standings(): Promise<(Standing | undefined)[]> {
    return Promise.all(this.services.map((service) => service.get<Standing>(service.name === 'console' ? 'health/ready' : 'status').then((standing) => (standing && service.name === 'console' ? { loops: [] } : standing))));
  }

  /** Sends a request to one console after the other, as a load balancer does, until it is taken. @returns the last answer, whatever its status, after a minute */
  async command(path: string, body: object, headers: Record<string, string> = {}): Promise<{ status: number; body: unknown }> {
    for (let turn = 0, end = performance.now() + commandWithinMs; ; turn++) {
      try {
        const doors = this.all('console').flatMap(({ url }) => url ?? []);
        const answer = await fetch(`${doors[turn % doors.length]}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json', ...headers }, body: JSON.stringify(body), signal: AbortSignal.timeout(15_000) });
        if (answer.status < 500 || performance.now() > end) return { status: answer.status, body: await answer.json() };
      } catch (error) {
        if (performance.now() > end) throw error;
      }
      await delay(250);
    }
  }

  /** Ends the services. */
  async stopServices(): Promise<void> {
    await Promise.all(this.services.map((service) => service.stop()));
  }

  /** Ends of services that no fault of the plan has caused. */
  get unasked(): string[] {
    return this.services.flatMap(({ unasked }) => unasked);
  }

  /** What fail points did. */
  get hits(): FailPointHit[] {
    return this.services.flatMap(({ hits }) => hits);
  }

  /** Services that did not end in time when they were asked to. */
  get late(): string[] {
    return this.services.flatMap(({ late }) => late);
  }

  async stop(): Promise<void> {
    // One that a fault has stopped would not end, and leave its children behind; and services that wait for it would end late.
    if (this.database) for (const pid of [this.database.pid, ...childrenOf(this.database.pid)]) signalTo(pid, 'SIGCONT');
    await this.stopServices();
    await this.database?.stop();
    await this.kafka?.stop();
  }

  private async apply(): Promise<void> {
    const { rolloutWaitMs } = this.options;
    const definitions = JSON.parse(canonical.json) as { models: { rollout: { maximumWaitMs: number } }[] };
    if (rolloutWaitMs !== undefined) for (const { rollout } of definitions.models) rollout.maximumWaitMs = rolloutWaitMs;
    const { status, body } = await this.command('definitions', { definitions: JSON.stringify(definitions), by: 'faults' });
    if (status >= 300) throw new Error(`the definitions were refused: ${JSON.stringify(body)}`);
    this.schemaIds = Object.fromEntries((body as { schemas: { stream: string; schemaId: number }[] }).schemas.map(({ stream, schemaId }) => [stream, schemaId]));
  }
}

export interface Standing {
  readonly loops: readonly { readonly name: string; readonly state: string; readonly lag: Readonly<Record<string, number>>; readonly error?: string }[];
}

import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { EmbeddedDatabase, EmbeddedKafka } from '@millrace/embedded';
import type { DataDirectory } from './data-directory.ts';
import { KeptServer, type Server } from './kept-server.ts';
import { endLeftovers } from './leftovers.ts';
import type { LogLine } from './log-line.ts';
import { serviceCommand } from './service-command.ts';
import { startOrder, stopOrder, type ServiceName } from './service-names.ts';
import { ServiceProcess, type ServiceWatcher } from './service-process.ts';
import { StateFile, type ServiceState } from './state-file.ts';
import { millraceMark } from './mark.ts';

export interface ClusterReporter {
  /** One line for people. */
  say(text: string): void;
  /** Something went wrong and is being mended. */
  warn(text: string): void;
  log(line: LogLine): void;
}

/** All services together get this long; then what is left is killed. */
const servicesWithinMs = 5_500;
/** Each gets this long before the next one is asked to end too. */
const oneAfterAnotherMs = 1_500;

/** Kafka, PostgreSQL and all services on this machine, each a process of its own, with this process as their supervisor. */
export class LocalCluster implements ServiceWatcher {
  readonly directory: DataDirectory;
  private readonly reporter: ClusterReporter;
  private readonly environment: NodeJS.ProcessEnv;
  private readonly services = new Map<ServiceName, ServiceProcess>();
  private readonly servers: KeptServer<Server>[] = [];
  private readonly pids: Record<string, { pid: number }> = {};
  private file: StateFile | undefined;
  private stopped: Promise<void> | undefined;
  private addresses = { brokers: '', databaseUrl: '' };

  constructor(directory: DataDirectory, reporter: ClusterReporter, environment: NodeJS.ProcessEnv) {
    this.directory = directory;
    this.reporter = reporter;
    this.environment = environment;
  }

  get brokers(): string {
    return this.addresses.brokers;
  }

  get databaseUrl(): string {
    return this.addresses.databaseUrl;
  }

  get states(): Record<string, ServiceState> {
    return Object.fromEntries([...this.services].map(([name, service]) => [name, service.state]));
  }

  /** Process ids of embedded servers and services, by name. */
  get processes(): Record<string, number> {
    const services = [...this.services].flatMap(([name, { state }]) => (state.pid === undefined ? [] : [[name, state.pid] as const]));
    return Object.fromEntries([...Object.entries(this.pids).map(([name, { pid }]) => [name, pid] as const), ...services]);
  }

  /**
   * Resolves when every service is ready.
   * @throws MillraceError ALREADY_RUNNING, SERVICE_FAILED, and those of EmbeddedKafka and EmbeddedDatabase
   */
  async start(): Promise<void> {
    this.directory.prepare();
    const { file, left } = StateFile.claim(this.directory.stateFile, millraceMark, Date.now());
    this.file = file;
    for (const name of left ? await endLeftovers(left, this.directory.path) : []) this.reporter.warn(`${name} was left behind by a run that was killed: ended`);
    const [brokers, databaseUrl] = await Promise.all([this.startKafka(), this.startDatabase()]);
    this.refuseWhenStopped();
    this.addresses = { brokers, databaseUrl };
    file.update({ brokers, databaseUrl, artifacts: this.directory.artifacts, workspace: this.environment['MILLRACE_WORKSPACE'] ?? '' });
    const [first, ...others] = startOrder;
    await this.startService(first);
    this.refuseWhenStopped();
    await Promise.all(others.map((name) => this.startService(name)));
  }

  /** Stops everything in order within 10 s: services in the order of the flow, then PostgreSQL, then Kafka. */
  stop(): Promise<void> {
    return (this.stopped ??= this.stopInOrder());
  }

  /** Ends the services at once; the embedded servers end with this process. */
  kill(): void {
    for (const service of this.services.values()) service.kill();
    this.file?.remove();
  }

  wrote(line: LogLine): void {
    if (!this.stopped) this.reporter.log(line);
  }

  changed(): void {
    this.file?.update({ services: this.states, servers: { ...this.pids } });
  }

  died(name: string, how: string, againInMs: number): void {
    if (!this.stopped) this.reporter.warn(`${name} ${how}; starting it again in ${againInMs} ms`);
  }

  private async startKafka(): Promise<string> {
    const given = this.environment['KAFKA_BROKERS'];
    if (given) return given;
    const kafka = await this.keep('kafka', () => EmbeddedKafka.start({ dataDir: this.directory.kafka, onProgress: (line) => this.reporter.say(line) }));
    this.reporter.say(`Kafka is up on ${kafka.brokers} (process ${kafka.pid})`);
    return kafka.brokers;
  }

  private async startDatabase(): Promise<string> {
    const given = this.environment['DATABASE_URL'];
    if (given) return given;
    const database = await this.keep('postgres', () => EmbeddedDatabase.start({ dataDir: this.directory.postgres, onProgress: (line) => this.reporter.say(line) }));
    this.reporter.say(`PostgreSQL is up on 127.0.0.1:${database.port} (process ${database.pid})`);
    return database.url;
  }

  private keep<S extends Server>(name: string, launch: () => Promise<S>): Promise<S> {
    const server = new KeptServer(name, launch, {
      died: (...of) => this.died(...of),
      changed: (_, pid) => {
        if (pid !== undefined) this.pids[name] = { pid };
        this.changed();
      },
    });
    this.servers.push(server);
    return server.start();
  }

  private async startService(name: ServiceName): Promise<void> {
    const service = new ServiceProcess(serviceCommand(name, { ...this.addresses, artifacts: this.directory.artifacts }, this.environment), this);
    this.services.set(name, service);
    await service.start();
    const { pid, port } = service.state;
    this.reporter.say(`${name} is ready on http://127.0.0.1:${port} (process ${pid})`);
  }

  private refuseWhenStopped(): void {
    if (this.stopped) throw new MillraceError('STOPPED', 'stopped before everything was ready');
  }

  private async stopInOrder(): Promise<void> {
    const late = setTimeout(() => this.kill(), servicesWithinMs);
    const ends: Promise<void>[] = [];
    for (const name of stopOrder) {
      const service = this.services.get(name);
      if (!service) continue;
      const end = service.stop();
      ends.push(end);
      await Promise.race([end, delay(oneAfterAnotherMs, undefined, { ref: false })]);
    }
    await Promise.all(ends);
    clearTimeout(late);
    for (const server of this.servers.filter(({ name }) => name === 'postgres')) await server.stop();
    for (const server of this.servers.filter(({ name }) => name !== 'postgres')) await server.stop();
    this.file?.remove();
  }
}

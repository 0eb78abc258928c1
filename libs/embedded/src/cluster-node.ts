import { MillraceError } from '@millrace/contracts';
import type { BrokerRuntime } from './broker-command.ts';
import type { BrokerFiles } from './broker-files.ts';
import type { ServerProcess } from './server-process.ts';
import { startBroker } from './start-broker.ts';

const STOP_WITHIN_MS = 15_000;

export interface NodePlace {
  /** From 0 on; the broker's id is one more. */
  index: number;
  /** Where the broker itself listens. */
  port: number;
  /** Where clients are told to come: the same, or a proxy before it. */
  advertisedPort: number;
}

/** One broker and controller of an `EmbeddedCluster`. It keeps its ports and its data over any number of ends and starts. */
export class ClusterNode implements NodePlace {
  readonly index: number;
  readonly id: number;
  readonly port: number;
  readonly advertisedPort: number;
  private readonly runtime: BrokerRuntime;
  private readonly files: BrokerFiles;
  private process: ServerProcess | undefined;
  private paused = false;

  constructor({ index, port, advertisedPort }: NodePlace, runtime: BrokerRuntime, files: BrokerFiles) {
    this.index = index;
    this.id = index + 1;
    this.port = port;
    this.advertisedPort = advertisedPort;
    this.runtime = runtime;
    this.files = files;
  }

  get isRunning(): boolean {
    return this.process !== undefined && !this.process.hasEnded;
  }

  /** Whether it runs and is not paused. */
  get answers(): boolean {
    return this.isRunning && !this.paused;
  }

  get pid(): number | undefined {
    return this.isRunning ? this.process?.pid : undefined;
  }

  /** Resolves when the cluster counts this node among its living ones; needs a majority of the nodes. @throws MillraceError as `EmbeddedKafka.start` */
  async start(): Promise<void> {
    if (this.isRunning) return;
    this.files.requireUnused();
    this.process = await startBroker(this.runtime, this.files, this.port, false, async (probe) => (await probe.liveBrokers()).includes(this.id));
  }

  /** Orderly end: its leaders move to other nodes first. */
  stop(): Promise<void> {
    return this.end('SIGTERM');
  }

  /** End as by a crash. */
  kill(): Promise<void> {
    return this.end('SIGKILL');
  }

  /** Stops it in the middle of what it does; its connections stay open and say nothing. */
  pause(): void {
    this.require();
    this.paused = true;
    this.process?.signal('SIGSTOP');
  }

  resume(): void {
    this.require();
    this.process?.signal('SIGCONT');
    this.paused = false;
  }

  private async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<void> {
    if (this.paused) this.resume();
    await this.process?.stop(signal, STOP_WITHIN_MS);
  }

  private require(): void {
    if (!this.isRunning) throw new MillraceError('NOT_RUNNING', `node ${this.index} does not run`, { hint: 'start it first' });
  }
}

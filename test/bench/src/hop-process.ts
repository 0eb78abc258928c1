import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { extname } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Lanes } from './lanes.ts';

/**
 * Whose code hops: ours as a whole service runs it, ours without a handler and its codec, or kafkajs as it is published. Each in a
 * process of its own, since ours replaces parts of kafkajs.
 */
export type Kind = 'service' | 'plain' | 'stock';
export const kinds = ['service', 'plain', 'stock'] as const;

/** A process that reads the input of the lanes and writes each record to an output, in transactions. */
export class HopProcess {
  readonly kind: Kind;
  private readonly child: ChildProcess;

  private constructor(kind: Kind, child: ChildProcess) {
    this.kind = kind;
    this.child = child;
  }

  /** `batchSize`: records per transaction at most, of the service; the others take what a fetch of `maxBytes` per partition brings. */
  static start(kind: Kind, lanes: Lanes, { batchSize, maxBytes }: { batchSize: number; maxBytes: number }): HopProcess {
    const args =
      kind === 'service'
        ? [lanes.brokers, lanes.workspace.prefix, lanes.count, batchSize]
        : [lanes.brokers, lanes.group(kind), lanes.input, lanes.output(kind), lanes.count, maxBytes];
    // Compiled or from source, like this module.
    const script = fileURLToPath(new URL(`./${kind}-worker${extname(import.meta.url)}`, import.meta.url));
    const child = spawn(process.execPath, [...process.execArgv, script, ...args.map(String)], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
    return new HopProcess(kind, child);
  }

  /** Processor time that it has used, ms. */
  async cpuMs(): Promise<number> {
    const answer = once(this.child, 'message');
    this.child.send('cpu');
    return ((await answer)[0] as { cpuMs: number }).cpuMs;
  }

  /** @throws Error when it has ended by itself */
  assertRuns(): void {
    if (this.child.exitCode !== null || this.child.signalCode !== null) throw new Error(`the ${this.kind} process ended with ${this.child.signalCode ?? `code ${this.child.exitCode}`}`);
  }

  async end(): Promise<void> {
    if (this.child.exitCode !== null || this.child.signalCode !== null) return;
    const exited = once(this.child, 'exit');
    this.child.send('end');
    const timer = setTimeout(() => this.child.kill('SIGKILL'), 5000);
    await exited;
    clearTimeout(timer);
  }
}

import { setTimeout as delay } from 'node:timers/promises';
import { backOffMs, youngAfter } from './back-off.ts';

/** An embedded server. */
export interface Server {
  readonly pid: number;
  /** Resolves with exit code or signal when it has ended. */
  readonly exited: Promise<number | NodeJS.Signals>;
  stop(): Promise<void>;
}

export interface ServerWatcher {
  changed(name: string, pid: number | undefined): void;
  died(name: string, how: string, againInMs: number): void;
}

/** Keeps an embedded server up: it is started again, on its data and its port, when it dies. */
export class KeptServer<S extends Server> {
  readonly name: string;
  private readonly launch: () => Promise<S>;
  private readonly watcher: ServerWatcher;
  private readonly stopping = new AbortController();
  private server: S | undefined;
  private launching: Promise<S> | undefined;
  private keeping: Promise<void> | undefined;

  constructor(name: string, launch: () => Promise<S>, watcher: ServerWatcher) {
    this.name = name;
    this.launch = launch;
    this.watcher = watcher;
  }

  /** The first start; its errors are the caller's. */
  async start(): Promise<S> {
    const server = await this.begin();
    this.keeping = this.keep(server);
    return server;
  }

  /** Stops it in order, also while it starts. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.launching?.catch(() => undefined);
    await this.server?.stop();
    await this.keeping;
  }

  private async begin(): Promise<S> {
    this.launching = this.launch();
    this.server = await this.launching;
    this.watcher.changed(this.name, this.server.pid);
    return this.server;
  }

  private async keep(first: S): Promise<void> {
    const { signal } = this.stopping;
    let young = 0;
    for (let server: S | undefined = first; ; ) {
      const startedAt = performance.now();
      let how = 'did not start';
      if (server) {
        const exit = await server.exited;
        how = typeof exit === 'string' ? `was ended by ${exit}` : `ended with code ${exit}`;
      }
      if (signal.aborted) return;
      young = youngAfter(young, performance.now() - startedAt);
      this.watcher.died(this.name, how, backOffMs(young));
      await delay(backOffMs(young), undefined, { signal }).catch(() => undefined);
      if (signal.aborted) return;
      server = await this.begin().catch(() => undefined);
    }
  }
}

import type { INestApplicationContext } from '@nestjs/common';
import { Server, type CustomTransportStrategy } from '@nestjs/microservices';
import { MillraceError, type Event } from '@millrace/contracts';
import { TopicAdmin } from './kafka/topic-admin.ts';
import { ServiceRuntime, type RuntimeDeps } from './runtime/service-runtime.ts';
import { planOf, type Proxy } from './service-plan.ts';
import { topicsFor } from './topics.ts';

export interface KafkaStrategyOptions extends RuntimeDeps {
  /** Name of the service in topology.ts, or `console`. */
  readonly service: string;
  /** Records per transaction at most. */
  readonly batchSize: number;
}

/**
 * Nest's transport for a service: finds the handlers by their decorators and runs their loops.
 * Call `app.init()` before `startAllMicroservices()`, else handlers start on resources that are not open yet.
 *
 * @example
 * const strategy = new KafkaStrategy({ service: 'feature-store', cluster, workspace, snapshots, log, now: Date.now, batchSize: 2000 });
 * app.connectMicroservice({ strategy }); strategy.bind(app); await app.init(); await app.startAllMicroservices();
 */
export class KafkaStrategy extends Server implements CustomTransportStrategy {
  readonly propagatesEventHandlerErrors = true; // else Nest logs the failure itself
  private readonly options: KafkaStrategyOptions;
  private readonly proxies = new Map<string, Proxy>();
  private app: INestApplicationContext | undefined;
  private running: ServiceRuntime | undefined;
  private closed = false;

  constructor(options: KafkaStrategyOptions) {
    super();
    this.options = options;
  }

  bind(app: INestApplicationContext): void {
    this.app = app;
  }

  override addHandler(pattern: string, callback: never, isEvent?: boolean, extras?: Record<string, unknown>): void {
    // Nest would chain two handlers of one pattern; the runtime must know each.
    if (this.messageHandlers.has(pattern)) throw new MillraceError('HANDLER_DOUBLE', `two handlers '${pattern}' in one service`);
    super.addHandler(pattern, callback, isEvent, extras);
    this.proxies.set(pattern, callback as Proxy);
  }

  get runtime(): ServiceRuntime {
    if (!this.running) throw new MillraceError('NOT_READY', 'the service has not started yet', { retriable: true });
    return this.running;
  }

  /** Asks a decider of this service; the answer is its committed events. @throws its refusal; MillraceError NOT_READY or DECISION_UNKNOWN (retriable) */
  async ask(decider: string, event: Event): Promise<Event[]> {
    return this.runtime.ask(decider, event);
  }

  listen(callback: (error?: unknown) => void): void {
    this.start().then(() => callback(), callback);
  }

  /** Ends the loops; takes 7 s at most, also without a broker. */
  async close(): Promise<void> {
    this.closed = true;
    await this.running?.stop();
  }

  on(): never {
    throw new MillraceError('UNSUPPORTED', 'the transport has no events of its own');
  }

  unwrap<T>(): T {
    return this.runtime as T;
  }

  private async start(): Promise<void> {
    if (!this.app) throw new MillraceError('NOT_READY', 'bind(app) was not called');
    const { cluster, workspace, service, batchSize } = this.options;
    const running = new ServiceRuntime(planOf(service, this.app, this.proxies, batchSize), this.options);
    const admin = new TopicAdmin(cluster);
    try {
      await this.requireLastingOffsets(admin);
      await admin.ensureTopics(topicsFor(workspace, { streams: [], models: [] }), (text) => this.options.log.warn(text));
    } finally {
      await admin.close();
    }
    if (this.closed) return;
    this.running = running;
    await running.start();
  }

  /** A broker that says it forgets offsets is refused; one that does not say is only named. */
  private async requireLastingOffsets(admin: TopicAdmin): Promise<void> {
    try {
      await admin.requireLastingOffsets();
    } catch (error) {
      if ((error as MillraceError).code !== 'BROKER_CONFIG_NOT_READ') throw error;
      this.options.log.warn(`whether the broker keeps committed offsets is not known: ${(error as Error).message}`);
    }
  }
}

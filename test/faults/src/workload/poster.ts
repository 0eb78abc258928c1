import { setTimeout as delay } from 'node:timers/promises';
import { eventIdOf } from '@millrace/contracts';
import { KafkaCluster, PlainProducer, Workspace } from '@millrace/messaging';
import type { Random } from '../random.ts';
import { encodeItem, type SchemaIds } from './encode-item.ts';
import type { Item } from './order-load.ts';

export interface PosterOptions {
  readonly brokers: string;
  readonly workspace: string;
  readonly ids: SchemaIds;
  /** Items per second. */
  readonly rate: number;
  readonly random: Random;
  /** Share of events that go through the HTTP door. */
  readonly http: number;
  /** Address of the door at this moment; it changes with each restart. */
  readonly door: () => string | undefined;
}

/** What a producer was told of what it posted. */
export interface Accepted {
  /** Event ids, hex, that the broker or the door has acknowledged. */
  readonly eventIds: Set<string>;
  /** How many of them are orders, which are predicted; the others are payments, which become labels. */
  orders: number;
  /** Acknowledged records that are no events. */
  poison: number;
}

export interface Hold {
  readonly before: number;
  readonly until: () => Promise<unknown>;
}

/** An answer that would be the same next time. */
class Refused extends Error {}

/** A client gives up before a service that stands still goes on, and posts again. */
const askedWithinMs = 6000;
const tickMs = 10;
/** No fault lasts so long, and nobody makes new ones while `isStuck`: what is still not accepted then never will be. */
const acceptedWithinMs = 120_000;
/** On a slow machine services would be killed faster than they start. */
const stuckAfterMs = 30_000;
/** So few at once that no stream gets ahead of the other by more event time than features wait for. */
const atOnce = 8;

/**
 * Posts items as a careful producer would: in order, at a rate, and again until they are acknowledged. What is posted again after an unknown
 * end may be there twice; its id is the same.
 */
export class Poster {
  readonly accepted: Accepted = { eventIds: new Set(), orders: 0, poison: 0 };
  private readonly options: PosterOptions;
  private readonly cluster: KafkaCluster;
  private readonly workspace: Workspace;
  private producer: PlainProducer | undefined;
  private posted = 0;
  private stopping = false;
  private tryingSince: number | undefined;

  constructor(options: PosterOptions) {
    this.options = options;
    this.cluster = new KafkaCluster({ brokers: options.brokers.split(','), clientId: 'producer' });
    this.workspace = new Workspace({ prefix: options.workspace, lanes: 1, slots: 2 });
  }

  get count(): number {
    return this.posted;
  }

  /** Nothing has been accepted for half a minute: no new fault may be made until something is. */
  get isStuck(): boolean {
    return this.triesForMs > stuckAfterMs;
  }

  stop(): void {
    this.stopping = true;
  }

  /**
   * @param holds what is waited for before the item of an index goes out, by index
   * @throws Error when a post is refused for good, or not accepted for two minutes
   */
  async post(items: readonly Item[], holds: readonly Hold[] = []): Promise<void> {
    let started = performance.now();
    const waiting = [...holds];
    try {
      while (this.posted < items.length && !this.stopping) {
        if (waiting[0] && this.posted >= waiting[0].before) {
          const since = performance.now();
          await waiting.shift()!.until();
          started += performance.now() - since;
        }
        const due = Math.min(waiting[0]?.before ?? items.length, Math.ceil(((performance.now() - started) / 1000) * this.options.rate), this.posted + atOnce);
        if (due > this.posted) await this.postRun(items.slice(this.posted, due));
        else await delay(tickMs);
      }
    } finally {
      await this.producer?.close();
      await this.cluster.close();
    }
  }

  private async postRun(items: readonly Item[]): Promise<void> {
    // Payments first: what was paid is known to the orders of the same moment.
    for (const stream of ['payments', 'orders'] as const) {
      const own = items.filter((item) => item.stream === stream);
      const byDoor = own.length > 0 && this.options.random.chance(this.options.http);
      const events = byDoor ? own.filter((item) => 'event' in item) : [];
      const records = byDoor ? own.filter((item) => !('event' in item)) : own;
      const values = records.map((item) => ({ key: stream, value: encodeItem(item, this.options.ids) }));
      if (values.length > 0 && !(await this.untilAccepted(() => this.send(stream, values)))) return;
      if (events.length > 0 && !(await this.untilAccepted(() => this.ask(stream, events)))) return;
      for (const item of own) {
        if (!('event' in item)) this.accepted.poison++;
        else {
          const id = eventIdOf(stream, item.event.order).toString('hex');
          if (stream === 'orders' && !this.accepted.eventIds.has(id)) this.accepted.orders++;
          this.accepted.eventIds.add(id);
        }
      }
    }
    this.posted += items.length;
  }

  /** How long the present post has been tried; 0 while none is. */
  private get triesForMs(): number {
    return this.tryingSince === undefined ? 0 : performance.now() - this.tryingSince;
  }

  /** False when the poster was stopped before: what may or may not have been taken is not counted as accepted. */
  private async untilAccepted(attempt: () => Promise<void>): Promise<boolean> {
    this.tryingSince = performance.now();
    for (let tries = 0; !this.stopping; tries++) {
      try {
        await attempt();
        this.tryingSince = undefined;
        return true;
      } catch (error) {
        if (error instanceof Refused) throw error;
        if (this.triesForMs > acceptedWithinMs) throw new Error(`a post was not accepted for ${acceptedWithinMs / 1000} s: ${(error as Error).message}`, { cause: error });
        await delay(Math.min(1000, 50 * 2 ** tries));
      }
    }
    return false;
  }

  private async send(stream: string, records: { key: string; value: Buffer }[]): Promise<void> {
    this.producer ??= await PlainProducer.open(this.cluster);
    await this.producer.send(this.workspace.topic('events.<stream>', { stream }), 0, records);
  }

  private async ask(stream: string, items: readonly Item[]): Promise<void> {
    const door = this.options.door();
    if (door === undefined) throw new Error('no door');
    const body = JSON.stringify(items.map((item) => ('event' in item ? item.event : undefined)));
    const answer = await fetch(`${door}/events/${stream}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body, signal: AbortSignal.timeout(askedWithinMs) });
    if (answer.status === 202) return;
    const { status } = answer;
    const refusal = `the door answered ${status}: ${(await answer.text()).slice(0, 300)}`;
    throw status >= 400 && status < 500 && status !== 408 && status !== 429 ? new Refused(refusal) : new Error(refusal);
  }
}

import type net from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Weather } from './link-conditions.ts';

const LINGER_MS = 300;

interface Item {
  readonly bytes: Buffer | undefined;
  readonly dueAt: number;
  readonly after: Promise<unknown> | undefined;
}

export interface LineOptions {
  to: net.Socket;
  direction: 'requests' | 'answers';
  weather: Weather;
  random: () => number;
  /** Called when as many bytes have passed as the conditions allow. */
  onCut: () => void;
}

/** One direction of one connection: frames come out in their order, when the conditions let them. */
export class LinkLine {
  private readonly options: LineOptions;
  private readonly queue: Item[] = [];
  private lastDueAt = 0;
  private passed = 0;
  private running = false;
  private closed = false;

  constructor(options: LineOptions) {
    this.options = options;
  }

  pass(bytes: Buffer, lateMs = 0, after?: Promise<unknown>): void {
    const { latencyMs = 0, jitterMs = 0, bytesPerSecond = Infinity } = this.options.weather.now;
    const arrival = performance.now() + latencyMs + jitterMs * this.options.random() + lateMs;
    this.lastDueAt = Math.max(this.lastDueAt, arrival) + (bytes.length * 1000) / bytesPerSecond;
    this.put({ bytes, dueAt: this.lastDueAt, after });
  }

  /** The sender has closed: so does the line, behind what is still on its way. */
  end(): void {
    this.put({ bytes: undefined, dueAt: 0, after: undefined });
  }

  /** What is on its way is lost. */
  drop(): void {
    this.closed = true;
    this.queue.length = 0;
  }

  private put(item: Item): void {
    if (this.closed) return;
    this.queue.push(item);
    if (!this.running) void this.run();
  }

  private async run(): Promise<void> {
    this.running = true;
    for (let item = this.queue[0]; item && !this.closed; item = this.queue[0]) {
      await item.after;
      const wait = item.dueAt - performance.now();
      if (wait > 1) await delay(wait);
      const { weather, direction } = this.options;
      while (weather.isSilent(direction) && !this.closed) await weather.changed();
      if (this.closed) break;
      this.queue.shift();
      if (item.bytes) this.write(item.bytes);
      else await this.close();
    }
    this.running = false;
  }

  /** A broker forgets what it is doing for a connection that ends: what came late gets time to be done. */
  private async close(): Promise<void> {
    if (this.options.direction === 'requests') await delay(LINGER_MS, undefined, { ref: false });
    this.options.to.destroySoon();
  }

  private write(bytes: Buffer): void {
    const { to, weather, direction, onCut } = this.options;
    const limit = direction === 'answers' ? (weather.now.cutAfterBytes ?? Infinity) : Infinity;
    const left = limit - this.passed;
    this.passed += bytes.length;
    if (!to.writable) return;
    if (bytes.length < left) to.write(bytes);
    else to.write(bytes.subarray(0, Math.max(0, left)), onCut);
  }
}

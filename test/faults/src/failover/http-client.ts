import { setTimeout as delay } from 'node:timers/promises';

const everyMs = 50;
const patienceMs = 10_000;

/** A client of the HTTP door that tries again for 10 s, at another instance each time, as a client of two addresses would. */
export class HttpClient {
  asked = 0;
  failed = 0;
  /** Indices of the requests that were answered 202: their events may not get lost. */
  readonly accepted: number[] = [];
  repeated = 0;
  /** Slowest answer with all its tries, milliseconds. */
  slowestMs = 0;
  private readonly doors: () => readonly string[];
  private readonly body: (index: number) => object;
  private readonly open = new Set<Promise<void>>();
  private stopping = false;
  private readonly running: Promise<void>;

  constructor(doors: () => readonly string[], body: (index: number) => object) {
    this.doors = doors;
    this.body = body;
    this.running = this.run();
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.running;
    await Promise.all(this.open);
  }

  private async run(): Promise<void> {
    for (; !this.stopping; await delay(everyMs)) {
      const request: Promise<void> = this.post(this.asked++).finally(() => this.open.delete(request));
      this.open.add(request);
    }
  }

  private async post(index: number): Promise<void> {
    const started = performance.now();
    for (let tries = 0; performance.now() - started < patienceMs; tries++) {
      if (await this.attempt(index, tries)) {
        this.accepted.push(index);
        this.slowestMs = Math.max(this.slowestMs, performance.now() - started);
        return;
      }
      this.repeated++;
      await delay(100);
    }
    this.failed++;
  }

  private async attempt(index: number, tries: number): Promise<boolean> {
    const doors = this.doors();
    const door = doors[(index + tries) % Math.max(1, doors.length)];
    if (door === undefined) return false;
    try {
      const answer = await fetch(`${door}/events/payments`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(this.body(index)), signal: AbortSignal.timeout(5000) });
      await answer.arrayBuffer();
      return answer.status === 202;
    } catch {
      return false;
    }
  }
}

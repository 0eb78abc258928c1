import { LoadConnection } from './load-connection.ts';

export interface Outcome {
  readonly index: number;
  readonly status: number;
  readonly hasRetryAfter: boolean;
  /** When it was to begin, ms since the start of the load. */
  readonly at: number;
  /** From the time it was to begin, not from when the client came to it: a client that is held up hides nothing. */
  readonly ms: number;
}

export interface OpenLoop {
  readonly port: number;
  /** Requests per second. */
  readonly rate: number;
  readonly seconds: number;
  /** The bytes of request `index`, counted from `from` on. */
  readonly request: (index: number) => string;
  readonly from: number;
}

const mostConnections = 1000;

/**
 * Load whose arrivals are fixed in advance, as the world's are: a service that is slow gets no fewer requests for it. Source: G. Tene,
 * "How NOT to Measure Latency" (coordinated omission).
 *
 * @example const outcomes = await openLoop({ port, rate: 2000, seconds: 10, from: 0, request: (index) => `POST … ${index} …` });
 */
export async function openLoop({ port, rate, seconds, request, from }: OpenLoop): Promise<Outcome[]> {
  const total = Math.floor(rate * seconds);
  if (total === 0) return [];
  // No object is kept while it runs: to collect them would hold up this process, and that would count as waiting.
  const [statuses, retries, times] = [new Uint16Array(total), new Uint8Array(total), new Float64Array(total)];
  let ended = 0;
  const idle: LoadConnection[] = [];
  const waiting: number[] = [];
  let open = 0;
  let next = 0;
  const start = performance.now();
  const dueMs = (index: number): number => (index / rate) * 1000;
  return new Promise((resolve) => {
    const send = (index: number): void => {
      let connection = idle.pop();
      while (connection && !connection.isOpen) {
        open--;
        connection = idle.pop();
      }
      if (!connection) {
        if (open >= mostConnections) return void waiting.push(index);
        open++;
        connection = new LoadConnection(port);
      }
      const used = connection;
      used.ask(request(from + index), ({ status, hasRetryAfter }) => {
        statuses[index] = status;
        retries[index] = Number(hasRetryAfter);
        times[index] = performance.now() - start - dueMs(index);
        ended++;
        if (used.isOpen) idle.push(used);
        else open--;
        const first = waiting.shift();
        if (first !== undefined) send(first);
        else if (ended === total) finish();
      });
    };
    const tick = (): void => {
      const due = Math.min(total, Math.floor(((performance.now() - start) / 1000) * rate) + 1);
      while (next < due) send(next++);
      if (next < total) setTimeout(tick, 1);
    };
    const finish = (): void => {
      for (const connection of idle) connection.close();
      resolve(Array.from(times, (ms, index) => ({ index: from + index, status: statuses[index]!, hasRetryAfter: retries[index] === 1, at: dueMs(index), ms })));
    };
    tick();
  });
}

interface Request {
  readonly entry: { readonly apiKey: number; readonly apiName: string };
  readonly requestTimeout: number;
  /** Checks that it has waited through. */
  checks?: number;
}

interface Queue {
  readonly enforceRequestTimeout: boolean;
  readonly requestTimeout: number;
  readonly inflight: Map<number, Request>;
  requestTimeoutIntervalId: NodeJS.Timeout | undefined;
  isConnected(): boolean;
  destroy(): void;
  onSilence?: (request: Request, waitedMs: number) => void;
}

interface Connection {
  readonly broker: string;
  readonly requestQueue: Queue;
  connectionStatus: string;
  /** What has come of an answer that is not whole. */
  chunks: Buffer[];
  bytesBuffered: number;
  bytesNeeded: number;
  connecting?: Promise<unknown> | undefined;
  isConnected(): boolean;
  socket?: { destroy(): void };
  connect(): Promise<unknown>;
  disconnect(): Promise<unknown>;
  rejectRequests(error: Error): void;
}

type ConnectionError = new (message: string, details: { broker: string; code: string }) => Error;

const CHECK_EVERY_MS = 100;
/** Before each answer stands its length. */
const LENGTH_BYTES = 4;
/** What is under way when a connection is closed gets so long to be answered. */
const CLOSE_WITHIN_MS = 1000;
const API_VERSIONS = 18;
/** It asks for nothing that takes time, and stands before everything else on a connection. */
const API_VERSIONS_WITHIN_MS = 3000;
/** So long a broker that was silent is asked last. */
const AVOIDED_MS = 30_000;

const silentSince = new Map<string, number>();

/**
 * Gives up a connection on which a request was not answered in time. kafkajs forgets the request only, then uses the same connection
 * again, with the leaders it knew before: a broker that hangs, or a network that lets nothing through, would hold a producer for minutes
 * after another broker has taken over. A connection error lets all parts of kafkajs ask others.
 *
 * Time is counted in checks and not by the clock: a clock that is set must not end requests or keep them for ever, and a process
 * that was stopped has answers waiting.
 */
export function giveUpSilentConnections(queue: { prototype: { scheduleRequestTimeoutCheck(this: Queue): void } }, connection: { prototype: Pick<Connection, 'connect' | 'disconnect' | 'rejectRequests'> }, error: ConnectionError): void {
  queue.prototype.scheduleRequestTimeoutCheck = function () {
    if (!this.enforceRequestTimeout) return;
    this.destroy();
    const everyMs = Math.min(this.requestTimeout, CHECK_EVERY_MS);
    this.requestTimeoutIntervalId = setInterval(() => check(this, everyMs), everyMs);
  };
  const { connect } = connection.prototype;
  connection.prototype.connect = function (this: Connection) {
    this.requestQueue.onSilence ??= ({ entry }, waitedMs) => {
      silentSince.set(this.broker, performance.now());
      this.connectionStatus = 'disconnected';
      this.rejectRequests(new error(`no answer to ${entry.apiName} within ${waitedMs} ms`, { broker: this.broker, code: 'ETIMEDOUT' }));
      this.requestQueue.destroy();
      this.socket?.destroy();
    };
    if (this.isConnected()) return connect.call(this);
    this.connecting ??= reconnect(this).finally(() => (this.connecting = undefined));
    return this.connecting;
  };
  // The half of an answer that a cut connection has left behind would stand before the first answer of the next one: frames begin in the
  // wrong place then, and kafkajs throws out of the socket's event, which ends the process.
  const reconnect = async (own: Connection): Promise<unknown> => {
    own.socket?.destroy();
    Object.assign(own, { chunks: [], bytesBuffered: 0, bytesNeeded: LENGTH_BYTES });
    try {
      return await connect.call(own);
    } catch (cause) {
      silentSince.set(own.broker, performance.now());
      throw cause;
    }
  };
  // A proxy or load balancer accepts for a broker that is gone, and closes at once. kafkajs tries another seed only after a
  // connection error, and this one twenty times.
  const { rejectRequests } = connection.prototype;
  connection.prototype.rejectRequests = function (this: Connection, cause) {
    const isGreeting = [...this.requestQueue.inflight.values()].some(({ entry }) => entry.apiKey === API_VERSIONS);
    if (isGreeting) silentSince.set(this.broker, performance.now());
    rejectRequests.call(this, isGreeting ? new error(cause.message, { broker: this.broker, code: 'ECONNREFUSED' }) : cause);
  };
  // A request that waits when its connection is told to close was never rejected, neither by time nor by the end of the socket: whoever
  // disconnects (also a consumer that begins anew) waited for ever.
  const { disconnect } = connection.prototype;
  connection.prototype.disconnect = function (this: Connection) {
    const late = setTimeout(() => {
      this.rejectRequests(new error('the connection closes', { broker: this.broker, code: 'ETIMEDOUT' }));
      this.socket?.destroy();
    }, CLOSE_WITHIN_MS);
    return disconnect.call(this).finally(() => clearTimeout(late));
  };
}

function check(queue: Queue, everyMs: number): void {
  for (const request of queue.inflight.values()) {
    request.checks = (request.checks ?? 0) + 1;
    const waitedMs = request.checks * everyMs;
    if (waitedMs <= (request.entry.apiKey === API_VERSIONS ? Math.min(API_VERSIONS_WITHIN_MS, queue.requestTimeout) : request.requestTimeout)) continue;
    queue.onSilence?.(request, waitedMs);
    return;
  }
  if (!queue.isConnected()) queue.destroy();
}

/** Addresses in the order in which to try them: by chance, those that were silent lately last. kafkajs always begins with the first. */
export function bySoundness(brokers: readonly string[], random = Math.random): string[] {
  const now = performance.now();
  const rank = (broker: string): number => (now - (silentSince.get(broker) ?? -Infinity) < AVOIDED_MS ? 1 : 0) + random() * 0.9;
  return brokers.map((broker) => ({ broker, rank: rank(broker) })).sort((a, b) => a.rank - b.rank).map(({ broker }) => broker);
}

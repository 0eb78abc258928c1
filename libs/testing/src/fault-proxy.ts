import net, { type AddressInfo } from 'node:net';
import { FrameReader } from './frame-reader.ts';
import { Weather, type LinkConditions } from './link-conditions.ts';
import { LinkLine } from './link-line.ts';

/** Numbers of the requests that faults are set on. Source: Kafka protocol guide. */
export const ApiKey = {
  produce: 0, fetch: 1, listOffsets: 2, metadata: 3, offsetCommit: 8, offsetFetch: 9, findCoordinator: 10, joinGroup: 11, heartbeat: 12,
  leaveGroup: 13, syncGroup: 14, apiVersions: 18, initProducerId: 22, addPartitionsToTxn: 24, addOffsetsToTxn: 25, endTxn: 26, txnOffsetCommit: 28,
} as const;

/**
 * drop-request: the broker never sees it, the connection is cut. drop-reply: the broker has done it, its answer is lost and the
 * connection cut. delayMs: the answer, and those behind it on the same connection, come that much later. holdUntil: the request, and
 * those behind it, reach the broker when the promise has resolved, also if the client has closed the connection meanwhile.
 */
export type Fault = 'drop-request' | 'drop-reply' | { delayMs: number } | { holdUntil: Promise<unknown> };

export interface FaultRule {
  apiKey: number;
  /** Counted from 1 over all connections of the proxy, per api key; left out: each of them. */
  nth?: number;
  fault: Fault;
}

export interface SeenRequest {
  apiKey: number;
  apiVersion: number;
  nth: number;
  fault: Fault | undefined;
  /** Set when the broker has answered, whether the answer arrives or not. */
  answered?: boolean;
}

/** The newest requests are kept, so that a run of hours does not fill the memory. */
const SEEN_AT_MOST = 10_000;

export interface FaultProxyOptions {
  /** `host:port` of the one broker behind it. */
  brokers: string;
  rules?: FaultRule[];
  conditions?: LinkConditions;
  /** Gives jitter, from 0 to 1; default `Math.random`. */
  random?: () => number;
}

/**
 * A proxy in front of one broker. It understands where requests begin and end, so that a rule hits exactly one of them; its conditions
 * hold for all connections and may change at any time.
 *
 * @example
 * const proxy = await FaultProxy.start({ brokers, rules: [{ apiKey: ApiKey.endTxn, nth: 1, fault: 'drop-reply' }] });
 * const kafka = new Kafka({ brokers: [brokers], socketFactory: proxy.socketFactory });
 * proxy.conditions = { latencyMs: 20, jitterMs: 30 }; // slow
 * proxy.conditions = { silent: 'both' }; // half-open
 * proxy.conditions = {}; // healed
 */
export class FaultProxy {
  readonly port: number;
  /** The requests so far (the newest 10,000), in the order in which they came. */
  readonly seen: SeenRequest[] = [];
  rules: FaultRule[];
  private readonly server: net.Server;
  private readonly target: { host: string; port: number };
  private readonly sockets = new Set<net.Socket>();
  private readonly weather = new Weather();
  private readonly random: () => number;
  private readonly counts = new Map<number, number>();
  private hits = 0;

  private constructor(server: net.Server, target: { host: string; port: number }, { rules = [], conditions = {}, random = Math.random }: FaultProxyOptions) {
    this.server = server;
    this.target = target;
    this.rules = rules;
    this.random = random;
    this.conditions = conditions;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.join(client));
  }

  static start(options: FaultProxyOptions): Promise<FaultProxy> {
    const { brokers } = options;
    const separator = brokers.lastIndexOf(':');
    const target = { host: brokers.slice(0, separator), port: Number(brokers.slice(separator + 1)) };
    const server = net.createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(new FaultProxy(server, target, options)));
    });
  }

  /** For kafkajs: leads every connection through the proxy, whatever address the broker advertises. */
  get socketFactory(): (options: { onConnect: () => void }) => net.Socket {
    return ({ onConnect }) => net.connect({ port: this.port, host: '127.0.0.1', noDelay: true }, onConnect);
  }

  get conditions(): LinkConditions {
    return this.weather.now;
  }

  set conditions(conditions: LinkConditions) {
    this.weather.change(conditions);
  }

  /** How many requests of a kind have come so far. */
  countOf(apiKey: number): number {
    return this.counts.get(apiKey) ?? 0;
  }

  /** How many requests a fault was carried out on. */
  get faulted(): number {
    return this.hits;
  }

  /** Sets a fault on the next request of a kind only. */
  once(apiKey: number, fault: Fault): void {
    this.next(apiKey, fault);
  }

  /** Sets a fault on the next `count` requests of a kind, behind `skip` that pass. Rules whose request has come are dropped. */
  next(apiKey: number, fault: Fault, { count = 1, skip = 0 }: { count?: number; skip?: number } = {}): void {
    const from = this.countOf(apiKey) + skip + 1;
    const open = this.rules.filter((rule) => rule.nth === undefined || rule.nth > this.countOf(rule.apiKey));
    this.rules = [...open, ...Array.from({ length: count }, (_, index) => ({ apiKey, nth: from + index, fault }))];
  }

  /** Cuts all connections that are open now; what is on its way is lost. Returns how many. */
  cut(): number {
    for (const socket of this.sockets) socket.destroy();
    return Math.ceil(this.sockets.size / 2);
  }

  /** The same with a reset, as from a machine that has forgotten them. */
  reset(): void {
    for (const socket of this.sockets) socket.resetAndDestroy();
  }

  stop(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private join(client: net.Socket): void {
    if (this.conditions.refuses) return void client.resetAndDestroy();
    const broker = net.connect({ ...this.target, noDelay: true });
    client.setNoDelay(true);
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    const { weather, random } = this;
    const up = new LinkLine({ to: broker, direction: 'requests', weather, random, onCut: cut });
    const down = new LinkLine({ to: client, direction: 'answers', weather, random, onCut: cut });
    for (const [socket, to, from] of [[client, up, down], [broker, down, up]] as const) {
      this.sockets.add(socket);
      socket.on('error', () => undefined);
      socket.on('close', () => {
        this.sockets.delete(socket);
        // What this side has sent still arrives, what it was to get does not.
        to.end();
        from.drop();
      });
    }
    const asked = new Map<number, SeenRequest>();
    const requests = new FrameReader((frame) => {
      const request = this.note(frame.readInt16BE(4), frame.readInt16BE(6));
      const { fault } = request;
      if (fault === 'drop-request') return cut();
      asked.set(frame.readInt32BE(8), request);
      up.pass(frame, 0, typeof fault === 'object' && 'holdUntil' in fault ? fault.holdUntil : undefined);
    });
    // Answers of one connection keep their order, so one that waits holds back those behind it.
    const answers = new FrameReader((frame) => {
      const id = frame.readInt32BE(4);
      const request = asked.get(id);
      asked.delete(id);
      if (request) request.answered = true;
      const fault = request?.fault;
      // What came before the lost answer still arrives: the connection closes when it is written.
      if (fault === 'drop-reply') down.end();
      else down.pass(frame, typeof fault === 'object' && 'delayMs' in fault ? fault.delayMs : 0);
    });
    client.on('data', (chunk) => requests.push(chunk));
    broker.on('data', (chunk) => answers.push(chunk));
  }

  private note(apiKey: number, apiVersion: number): SeenRequest {
    const nth = (this.counts.get(apiKey) ?? 0) + 1;
    this.counts.set(apiKey, nth);
    const fault = this.rules.find((rule) => rule.apiKey === apiKey && (rule.nth ?? nth) === nth)?.fault;
    if (fault) this.hits++;
    const request = { apiKey, apiVersion, nth, fault };
    this.seen.push(request);
    if (this.seen.length > SEEN_AT_MOST) this.seen.splice(0, SEEN_AT_MOST / 2);
    return request;
  }
}

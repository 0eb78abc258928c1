import net, { type AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { FrameReader } from './frame-reader.ts';

/** Numbers of the requests that faults are set on. Source: Kafka protocol guide. */
export const ApiKey = {
  produce: 0, fetch: 1, listOffsets: 2, metadata: 3, offsetCommit: 8, offsetFetch: 9, findCoordinator: 10, joinGroup: 11, heartbeat: 12,
  leaveGroup: 13, syncGroup: 14, apiVersions: 18, initProducerId: 22, addPartitionsToTxn: 24, addOffsetsToTxn: 25, endTxn: 26, txnOffsetCommit: 28,
} as const;

/**
 * drop-request: the broker never sees it, the connection is cut. drop-reply: the broker has done it, its answer is lost and the
 * connection cut. delayMs: the answer, and those behind it on the same connection, come that much later.
 */
export type Fault = 'drop-request' | 'drop-reply' | { delayMs: number };

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
}

/**
 * A proxy in front of one broker that understands where requests begin and end, so that a fault hits exactly one of them.
 *
 * @example
 * const proxy = await FaultProxy.start({ brokers, rules: [{ apiKey: ApiKey.endTxn, nth: 1, fault: 'drop-reply' }] });
 * const kafka = new Kafka({ brokers: [brokers], socketFactory: proxy.socketFactory });
 */
export class FaultProxy {
  readonly port: number;
  /** All requests so far, in the order in which they came. */
  readonly seen: SeenRequest[] = [];
  rules: FaultRule[];
  private readonly server: net.Server;
  private readonly target: { host: string; port: number };
  private readonly sockets = new Set<net.Socket>();
  private readonly counts = new Map<number, number>();

  private constructor(server: net.Server, target: { host: string; port: number }, rules: FaultRule[]) {
    this.server = server;
    this.target = target;
    this.rules = rules;
    this.port = (server.address() as AddressInfo).port;
    server.on('connection', (client) => this.join(client));
  }

  static start({ brokers, rules = [] }: { brokers: string; rules?: FaultRule[] }): Promise<FaultProxy> {
    const separator = brokers.lastIndexOf(':');
    const target = { host: brokers.slice(0, separator), port: Number(brokers.slice(separator + 1)) };
    const server = net.createServer();
    return new Promise((resolve, reject) => {
      server.once('error', reject);
      server.listen(0, '127.0.0.1', () => resolve(new FaultProxy(server, target, rules)));
    });
  }

  /** For kafkajs: leads every connection through the proxy, whatever address the broker advertises. */
  get socketFactory(): (options: { onConnect: () => void }) => net.Socket {
    return ({ onConnect }) => net.connect({ port: this.port, host: '127.0.0.1', noDelay: true }, onConnect);
  }

  /** Cuts all connections that are open now. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  stop(): Promise<void> {
    this.cut();
    return new Promise((resolve) => this.server.close(() => resolve()));
  }

  private join(client: net.Socket): void {
    const broker = net.connect({ ...this.target, noDelay: true });
    client.setNoDelay(true);
    const end = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.sockets.add(socket);
      socket.on('error', end);
      socket.on('close', () => {
        this.sockets.delete(socket);
        end();
      });
    }
    const faults = new Map<number, Fault | undefined>();
    const requests = new FrameReader((frame) => {
      const request = this.note(frame.readInt16BE(4), frame.readInt16BE(6));
      if (request.fault === 'drop-request') return end();
      faults.set(frame.readInt32BE(8), request.fault);
      broker.write(frame);
    });
    // Answers of one connection keep their order, so one that waits holds back those behind it.
    let last = Promise.resolve();
    const answers = new FrameReader((frame) => {
      const id = frame.readInt32BE(4);
      const fault = faults.get(id);
      faults.delete(id);
      last = last.then(async () => {
        if (typeof fault === 'object') await delay(fault.delayMs);
        // What came before the lost answer still arrives: the connection closes when it is written.
        if (fault === 'drop-reply') client.destroySoon();
        else if (client.writable) client.write(frame);
      });
    });
    client.on('data', (chunk) => requests.push(chunk));
    broker.on('data', (chunk) => answers.push(chunk));
  }

  private note(apiKey: number, apiVersion: number): SeenRequest {
    const nth = (this.counts.get(apiKey) ?? 0) + 1;
    this.counts.set(apiKey, nth);
    const fault = this.rules.find((rule) => rule.apiKey === apiKey && (rule.nth ?? nth) === nth)?.fault;
    const request = { apiKey, apiVersion, nth, fault };
    this.seen.push(request);
    return request;
  }
}

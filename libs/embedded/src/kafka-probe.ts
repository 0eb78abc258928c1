import net from 'node:net';
import { MillraceError } from '@millrace/contracts';

// Versions without tagged fields, which every broker since 0.11 answers. Source: Kafka protocol guide.
const METADATA = { key: 3, version: 1 };
const OFFSET_FETCH = { key: 9, version: 2 };
const FIND_COORDINATOR = { key: 10, version: 1 };
const INIT_PRODUCER_ID = { key: 22, version: 0 };

// COORDINATOR_LOAD_IN_PROGRESS, COORDINATOR_NOT_AVAILABLE, NOT_COORDINATOR, CONCURRENT_TRANSACTIONS: true for a moment only.
const NOT_YET = new Set([14, 15, 16, 51]);
const NAME = 'millrace.warm-up';

/** One connection that asks a broker whether it can be used. It speaks four requests and is no client. */
export class KafkaProbe {
  private readonly socket: net.Socket;
  private received = Buffer.alloc(0);
  private waiting: { resolve: (body: Buffer) => void; reject: (error: Error) => void } | undefined;
  private correlation = 0;

  private constructor(socket: net.Socket) {
    this.socket = socket;
    socket.on('data', (chunk) => this.receive(chunk));
    socket.on('close', () => this.fail(new MillraceError('BROKER_UNREACHABLE', 'the broker closed the connection', { retriable: true })));
    socket.on('error', (error) => this.fail(error));
  }

  /** @throws Error when nothing answers at the port within `timeoutMs`, per connection and per later answer */
  static connect(port: number, timeoutMs = 2_000): Promise<KafkaProbe> {
    return new Promise((resolve, reject) => {
      const socket = net.connect({ port, host: '127.0.0.1', noDelay: true });
      socket.setTimeout(timeoutMs, () => socket.destroy(new Error(`no answer from port ${port} within ${timeoutMs} ms`)));
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new KafkaProbe(socket));
      });
    });
  }

  /** Brokers that live, by id: as the cluster sees it, which may differ from what this node itself does. */
  async liveBrokers(): Promise<number[]> {
    const answer = await this.request(METADATA, Buffer.alloc(4));
    const ids: number[] = [];
    for (let left = answer.readInt32BE(0), at = 4; left > 0; left--) {
      ids.push(answer.readInt32BE(at));
      at += 4;
      at += 2 + answer.readInt16BE(at) + 4;
      at += 2 + Math.max(0, answer.readInt16BE(at));
    }
    return ids;
  }

  /** Whether a broker has registered: before that it answers, but holds no topic. */
  async hasBroker(): Promise<boolean> {
    const none = Buffer.alloc(4);
    return (await this.request(METADATA, none)).readInt32BE(0) > 0;
  }

  /** One step of making and loading the topics behind groups and transactions; false as long as one is on its way. */
  async warm(): Promise<boolean> {
    for (const coordinator of [0, 1]) {
      const found = await this.request(FIND_COORDINATOR, Buffer.concat([text(NAME), Buffer.from([coordinator])]));
      if (!settled(found.readInt16BE(4), 'FindCoordinator')) return false;
    }
    const every = Buffer.from([0xff, 0xff, 0xff, 0xff]);
    const offsets = await this.request(OFFSET_FETCH, Buffer.concat([text(NAME), every]));
    if (!settled(offsets.readInt16BE(offsets.length - 2), 'OffsetFetch')) return false;
    const timeout = Buffer.alloc(4);
    timeout.writeInt32BE(10_000);
    const producer = await this.request(INIT_PRODUCER_ID, Buffer.concat([text(NAME), timeout]));
    return settled(producer.readInt16BE(4), 'InitProducerId');
  }

  close(): void {
    this.socket.destroy();
  }

  /** One request; resolves with the body of its answer. Versions with tagged fields have one more byte in both headers. */
  request(api: { key: number; version: number; tagged?: boolean }, body: Buffer): Promise<Buffer> {
    const head = Buffer.alloc(12);
    const client = api.tagged ? Buffer.concat([text('millrace-probe'), Buffer.alloc(1)]) : text('millrace-probe');
    head.writeInt32BE(8 + client.length + body.length, 0);
    head.writeInt16BE(api.key, 4);
    head.writeInt16BE(api.version, 6);
    head.writeInt32BE(++this.correlation, 8);
    return new Promise((resolve, reject) => {
      this.waiting = { resolve: (answer) => resolve(api.tagged ? answer.subarray(1) : answer), reject };
      this.socket.write(Buffer.concat([head, client, body]));
    });
  }

  private receive(chunk: Buffer): void {
    this.received = Buffer.concat([this.received, chunk]);
    if (this.received.length < 4) return;
    const end = 4 + this.received.readInt32BE(0);
    if (this.received.length < end) return;
    const body = this.received.subarray(8, end);
    this.received = this.received.subarray(end);
    this.waiting?.resolve(body);
    this.waiting = undefined;
  }

  private fail(error: Error): void {
    this.waiting?.reject(error);
    this.waiting = undefined;
  }
}

/** A string as the versions without tagged fields have it. */
export function text(value: string): Buffer {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(2);
  length.writeInt16BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

function settled(errorCode: number, request: string): boolean {
  if (errorCode === 0) return true;
  if (NOT_YET.has(errorCode)) return false;
  throw new MillraceError('BROKER_REFUSED', `the broker answered ${request} with error ${errorCode}`);
}

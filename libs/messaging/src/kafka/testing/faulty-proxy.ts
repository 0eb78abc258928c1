import { once } from 'node:events';
import net from 'node:net';
import type { ISocketFactory } from 'kafkajs';

export interface ProxiedRequest {
  /** Api key of the Kafka protocol: 0 Produce, 1 Fetch, 26 EndTxn … */
  readonly api: number;
  /** How many requests of this api have passed, this one included. */
  readonly count: number;
}

/** `drop-reply`: the broker carries it out, the answer is lost and the connection breaks. `drop-request`: it never arrives. */
export type Fault = 'drop-reply' | 'drop-request' | undefined;

/** A proxy before one broker that sees whole requests and can lose one of them, or its answer. */
export class FaultyProxy {
  readonly counts = new Map<number, number>();
  private readonly server: net.Server;
  private readonly sockets = new Set<net.Socket>();

  private constructor(target: { host: string; port: number }, rule: (request: ProxiedRequest) => Fault) {
    this.server = net.createServer((client) => this.connect(client, net.connect({ ...target, noDelay: true }), rule));
  }

  static async before(broker: string, rule: (request: ProxiedRequest) => Fault): Promise<FaultyProxy> {
    const [host, port] = broker.split(':') as [string, string];
    const proxy = new FaultyProxy({ host, port: Number(port) }, rule);
    proxy.server.listen(0, '127.0.0.1');
    await once(proxy.server, 'listening');
    return proxy;
  }

  /** Leads every connection of a cluster through this proxy, whatever address the broker advertises. */
  get socketFactory(): ISocketFactory {
    const { port } = this.server.address() as net.AddressInfo;
    return ({ onConnect }) => net.connect({ host: '127.0.0.1', port, noDelay: true }, onConnect);
  }

  /** Breaks all connections that are open now. */
  cut(): void {
    for (const socket of this.sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }

  private connect(client: net.Socket, broker: net.Socket, rule: (request: ProxiedRequest) => Fault): void {
    const faults = new Map<number, Fault>();
    const cut = (): void => {
      client.destroy();
      broker.destroy();
    };
    for (const socket of [client, broker]) {
      this.sockets.add(socket);
      socket.on('error', cut);
      socket.on('close', () => {
        this.sockets.delete(socket);
        cut();
      });
    }
    client.setNoDelay(true);
    eachFrame(client, (frame) => {
      const api = frame.readInt16BE(4);
      const count = (this.counts.get(api) ?? 0) + 1;
      this.counts.set(api, count);
      const fault = rule({ api, count });
      if (fault === 'drop-request') return cut();
      faults.set(frame.readInt32BE(8), fault);
      broker.write(frame);
    });
    eachFrame(broker, (frame) => {
      if (faults.get(frame.readInt32BE(4)) === 'drop-reply') return cut();
      client.write(frame);
    });
  }
}

/** Calls back with every length-prefixed frame, prefix included. */
function eachFrame(socket: net.Socket, handle: (frame: Buffer) => void): void {
  let held = Buffer.alloc(0);
  socket.on('data', (data: Buffer) => {
    held = Buffer.concat([held, data]);
    while (held.length >= 4 && held.length >= held.readInt32BE(0) + 4) {
      const size = held.readInt32BE(0) + 4;
      handle(held.subarray(0, size));
      held = held.subarray(size);
    }
  });
}

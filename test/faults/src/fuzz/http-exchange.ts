import net from 'node:net';

/** Bytes that a hostile client writes, and how long it waits before each. */
export interface Write {
  readonly bytes: Buffer;
  readonly afterMs: number;
}

export interface Exchange {
  /** Of each answer that came, in order. */
  readonly statuses: readonly number[];
  /** Everything that came, at most 1 MiB of it. */
  readonly text: string;
  /** From the last byte that was written, or the first answer if that came before, to the end. */
  readonly answerMs: number;
  readonly ms: number;
  readonly end: 'answered' | 'closed' | 'timeout' | 'left';
}

export interface ExchangeOptions {
  readonly port: number;
  readonly writes: readonly Write[];
  /** How many answers are waited for; 0 = the client leaves after its last byte. */
  readonly answers: number;
  readonly limitMs: number;
}

const kept = 1 << 20;

/** One connection of a client that need not keep to HTTP: it writes what it is told, whatever is answered, and reads until enough has come. */
export function exchange({ port, writes, answers, limitMs }: ExchangeOptions): Promise<Exchange> {
  return new Promise((resolve) => {
    const start = performance.now();
    const timers: NodeJS.Timeout[] = [];
    const isHead = writes[0]?.bytes.toString('latin1', 0, 5) === 'HEAD ';
    let text = '';
    let waitingSince = start;
    const socket = net.connect({ host: '127.0.0.1', port });
    const finish = (end: Exchange['end']): void => {
      for (const timer of timers) clearTimeout(timer);
      socket.removeAllListeners().on('error', () => undefined).destroy();
      const now = performance.now();
      resolve({ statuses: statusesIn(text), text, answerMs: now - waitingSince, ms: now - start, end });
    };
    timers.push(setTimeout(() => finish('timeout'), limitMs));
    const write = (index: number): void => {
      const next = writes[index];
      if (!next) return void (answers === 0 && setImmediate(() => finish('left')));
      const send = (): void => {
        if (socket.writable) socket.write(next.bytes);
        if (text === '') waitingSince = performance.now();
        write(index + 1);
      };
      if (next.afterMs === 0) send();
      else timers.push(setTimeout(send, next.afterMs));
    };
    socket.on('connect', () => write(0));
    socket.on('data', (chunk: Buffer) => {
      if (text.length < kept) text += chunk.toString('latin1');
      if (answers > 0 && statusesIn(text).filter((status) => status >= 200).length >= answers && isComplete(text, isHead)) finish('answered');
    });
    socket.on('close', () => finish('closed'));
    // A server that ends the connection is free to reset it.
    socket.on('error', () => undefined);
  });
}

function statusesIn(text: string): number[] {
  return [...text.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status));
}

/** Whether the body of the last answer has come; a HEAD has none. */
function isComplete(text: string, isHead: boolean): boolean {
  const last = [...text.matchAll(/HTTP\/1\.1 \d{3} /g)].at(-1)!.index;
  const blank = text.indexOf('\r\n\r\n', last);
  if (blank < 0) return text.length >= kept;
  const length = /\r\ncontent-length: (\d+)/i.exec(text.slice(last, blank));
  return isHead || text.length >= kept || text.length - blank - 4 >= Number(length?.[1] ?? 0);
}

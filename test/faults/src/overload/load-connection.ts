import net from 'node:net';

export interface LoadAnswer {
  /** 0 = the connection ended instead. */
  readonly status: number;
  readonly hasRetryAfter: boolean;
}

/** A keep-alive connection with one request under way. It understands just enough of HTTP to cost the machine little beside what is measured. */
export class LoadConnection {
  private readonly socket: net.Socket;
  private answered: ((answer: LoadAnswer) => void) | undefined;
  private received = '';
  isOpen = true;

  constructor(port: number) {
    this.socket = net.connect({ host: '127.0.0.1', port, noDelay: true });
    this.socket.setEncoding('latin1').on('data', (chunk) => this.read(String(chunk)));
    this.socket.on('error', () => undefined).on('close', () => {
      this.isOpen = false;
      this.answer({ status: 0, hasRetryAfter: false });
    });
  }

  ask(request: string, answered: (answer: LoadAnswer) => void): void {
    this.answered = answered;
    this.socket.write(request, 'latin1');
  }

  close(): void {
    this.socket.destroy();
  }

  private read(chunk: string): void {
    this.received += chunk;
    const blank = this.received.indexOf('\r\n\r\n');
    if (blank < 0) return;
    const head = this.received.slice(0, blank).toLowerCase();
    const at = head.indexOf('content-length: ');
    const length = at < 0 ? 0 : Number.parseInt(head.slice(at + 16, at + 24), 10);
    if (this.received.length < blank + 4 + length) return;
    const status = Number(this.received.slice(9, 12));
    this.received = '';
    this.answer({ status, hasRetryAfter: head.includes('\r\nretry-after: ') });
  }

  private answer(answer: LoadAnswer): void {
    const { answered } = this;
    this.answered = undefined;
    answered?.(answer);
  }
}

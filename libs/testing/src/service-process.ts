import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

export interface ServiceStart {
  /** The built entry of the service, as a file URL. */
  main: URL;
  /** Added to the environment of the test; a variable that is undefined here is taken away. */
  environment: NodeJS.ProcessEnv;
  /** Options for Node.js itself, such as `['--import', url]`. Default none. */
  nodeOptions?: string[];
  /** What it prints is kept in `output` instead of being printed with the test's own. Default false. */
  keepsOutput?: boolean;
}

/**
 * A built service as a process of its own, as it runs in production: only so can it be killed.
 *
 * @example
 * const service = await ServiceProcess.start({ main: new URL('../dist/main.js', import.meta.url), environment: { KAFKA_BROKERS: brokers } });
 * const response = await service.ask('health/ready');
 * await service.end('SIGKILL');
 */
export class ServiceProcess {
  readonly port: number;
  private readonly child: ChildProcess;
  private readonly printed: string[];
  private wasEnded = false;

  private constructor(child: ChildProcess, printed: string[], port: number) {
    this.child = child;
    this.printed = printed;
    this.port = port;
  }

  /**
   * Returns when the service has sent its first message, `{ ready, port }`.
   * @throws Error when the service is not built, or ends before that
   */
  static async start({ main, environment, nodeOptions = [], keepsOutput = false }: ServiceStart): Promise<ServiceProcess> {
    const file = fileURLToPath(main);
    if (!existsSync(file)) throw new Error(`${file} is missing: build the service first (tsc -b)`);
    const stream = keepsOutput ? 'pipe' : 'inherit';
    // Options for Jest's own process are not meant for the service.
    const child = fork(file, [], { execArgv: nodeOptions, stdio: ['ignore', stream, stream, 'ipc'], env: { ...process.env, NODE_OPTIONS: '', ...environment } });
    const printed: string[] = [];
    for (const source of [child.stdout, child.stderr]) source?.setEncoding('utf8').on('data', (text: string) => printed.push(text));
    const message = once(child, 'message').then(([said]) => said as { port: number });
    const exit = once(child, 'exit').then(([code, signal]) => Promise.reject(new Error(`${file} ended at its start with ${code ?? signal}: ${printed.join('')}`)));
    exit.catch(() => undefined);
    const { port } = await Promise.race([message, exit]);
    return new ServiceProcess(child, printed, port);
  }

  get pid(): number {
    return this.child.pid!;
  }

  /** Everything it has printed so far, if it `keepsOutput`. */
  get output(): string {
    return this.printed.join('');
  }

  ask(path: string, init?: RequestInit): Promise<Response> {
    return fetch(new URL(path, `http://127.0.0.1:${this.port}/`), init);
  }

  /** Body of the answer, whatever its status. */
  async json<T = unknown>(path: string, init?: RequestInit): Promise<T> {
    return (await (await this.ask(path, init)).json()) as T;
  }

  get isRunning(): boolean {
    return this.child.exitCode === null && this.child.signalCode === null;
  }

  /**
   * Waits for its end and returns its exit code: null if it was killed. A second time it only returns that.
   * @throws Error when it has ended by itself
   */
  async end(signal: 'SIGTERM' | 'SIGKILL'): Promise<number | null> {
    if (this.isRunning) {
      const ended = once(this.child, 'exit');
      this.wasEnded = true;
      this.child.kill(signal);
      await ended;
    }
    const { exitCode, signalCode } = this.child;
    if (!this.wasEnded) throw new Error(`the service has ended by itself with ${exitCode ?? signalCode}: ${this.output}`);
    return exitCode;
  }
}

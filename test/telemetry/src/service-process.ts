import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

/** A built service as a process of its own. */
export class ServiceProcess {
  readonly name: string;
  /** Everything it has printed. */
  output = '';
  private readonly child: ChildProcess;
  private readonly modules: string;
  private port = 0;

  private constructor(name: string, env: Record<string, string>, modules: string) {
    const main = fileURLToPath(new URL(`../../../apps/${name}/dist/main.js`, import.meta.url));
    if (!existsSync(main)) throw new Error(`build the service first: tsc -b apps/${name}`);
    const { NODE_OPTIONS: _options, OTEL_EXPORTER_OTLP_ENDPOINT: _endpoint, ...inherited } = process.env;
    this.name = name;
    this.modules = modules;
    const recorder = new URL('./record-modules.mjs', import.meta.url).href;
    this.child = spawn(process.execPath, ['--import', recorder, main], { stdio: ['ignore', 'pipe', 'pipe', 'ipc'], env: { ...inherited, MODULES_FILE: modules, ...env } });
    for (const stream of [this.child.stdout!, this.child.stderr!]) stream.setEncoding('utf8').on('data', (text: string) => (this.output += text));
  }

  /** Ready when it says so. `modules`: file that gets the list of its modules when it ends. */
  static async start(name: string, env: Record<string, string>, modules: string): Promise<ServiceProcess> {
    const service = new ServiceProcess(name, env, modules);
    const message = once(service.child, 'message').then(([said]) => said as { port: number });
    const exit = once(service.child, 'exit').then(() => Promise.reject(new Error(`${name} ended at the start: ${service.output}`)));
    exit.catch(() => undefined);
    ({ port: service.port } = await Promise.race([message, exit]));
    return service;
  }

  request(path: string, init?: RequestInit): Promise<Response> {
    return fetch(`http://127.0.0.1:${this.port}${path}`, init);
  }

  async get<T>(path: string): Promise<T> {
    return (await (await this.request(path)).json()) as T;
  }

  /** Ends it in order, or at once. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<{ code: number | null; loaded: string[] }> {
    if (this.child.exitCode === null && this.child.signalCode === null) {
      const exited = once(this.child, 'exit');
      this.child.kill(signal);
      await exited;
    }
    return { code: this.child.exitCode, loaded: existsSync(this.modules) ? (await readFile(this.modules, 'utf8')).split('\n') : [] };
  }
}

import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { ServiceProcess } from '@millrace/testing';

const recorder = new URL('./record-modules.mjs', import.meta.url).href;

/** A built service as a process of its own, of which is known afterwards which modules it has loaded. */
export class RecordedService {
  readonly name: string;
  private readonly process: ServiceProcess;
  private readonly modules: string;

  private constructor(name: string, process: ServiceProcess, modules: string) {
    this.name = name;
    this.process = process;
    this.modules = modules;
  }

  /** Ready when it says so. `modules`: file that gets the list of its modules when it ends. */
  static async start(name: string, env: Record<string, string>, modules: string): Promise<RecordedService> {
    const main = new URL(`../../../apps/${name}/dist/main.js`, import.meta.url);
    const environment = { OTEL_EXPORTER_OTLP_ENDPOINT: undefined, MODULES_FILE: modules, ...env };
    return new RecordedService(name, await ServiceProcess.start({ main, environment, nodeOptions: ['--import', recorder], keepsOutput: true }), modules);
  }

  /** Everything it has printed. */
  get output(): string {
    return this.process.output;
  }

  ask(path: string, init?: RequestInit): Promise<Response> {
    return this.process.ask(path, init);
  }

  json<T>(path: string): Promise<T> {
    return this.process.json<T>(path);
  }

  /** Ends it in order, or at once. */
  async end(signal: 'SIGTERM' | 'SIGKILL' = 'SIGTERM'): Promise<{ code: number | null; loaded: string[] }> {
    const code = await this.process.end(signal);
    return { code, loaded: existsSync(this.modules) ? (await readFile(this.modules, 'utf8')).split('\n') : [] };
  }
}

import { spawn, type ChildProcess } from 'node:child_process';
import { createWriteStream, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import type { Workspace } from '../workspace.ts';
import { pause } from './seeded.ts';

/** A worker of a kill run as a process; it is started again when it has ended, as a supervisor does. */
export class Worker {
  /** How often it ended by itself. */
  gaveUp = 0;
  private readonly command: string[];
  private readonly log: string;
  private process: ChildProcess;
  private ending = false;

  constructor({ brokers, folder, pauseMs }: { brokers: string; folder: string; pauseMs: number }, workspace: Workspace, index: number) {
    mkdirSync(folder, { recursive: true });
    this.log = join(folder, `worker-${index}.log`);
    this.command = ['--conditions=@millrace/source', '--no-warnings', join(import.meta.dirname, 'kill-run-worker.ts'), brokers, workspace.prefix, folder, `worker-${index}`, String(pauseMs)];
    this.process = this.start();
  }

  /** Starts it again if it has ended. */
  restart(): void {
    if (this.lives || this.ending) return;
    this.process = this.start();
  }

  async end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
    if (!this.lives) return;
    const ended = new Promise((resolve) => this.process.once('exit', resolve));
    this.ending = true;
    this.process.kill(signal);
    await ended;
    this.ending = false;
  }

  /** A zombie: it wakes up in the middle of what it did, when others have its work. */
  async sleep(ms: number): Promise<void> {
    this.process.kill('SIGSTOP');
    await pause(ms);
    this.process.kill('SIGCONT');
  }

  private get lives(): boolean {
    return this.process.exitCode === null && this.process.signalCode === null;
  }

  private start(): ChildProcess {
    const { NODE_OPTIONS: _, ...env } = process.env;
    const child = spawn(process.execPath, this.command, { stdio: ['ignore', 'pipe', 'pipe'], env });
    const log = createWriteStream(this.log, { flags: 'a' });
    child.stdout.pipe(log, { end: false });
    child.stderr.pipe(log, { end: false });
    child.once('exit', () => {
      if (!this.ending) this.gaveUp++;
    });
    return child;
  }
}

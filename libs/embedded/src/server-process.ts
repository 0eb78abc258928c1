import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

export interface ServerCommand {
  command: string;
  args: readonly string[];
  /** Output of the server is appended here, not piped, so that it never blocks and outlives this process. */
  logFile: string;
  cwd?: string;
  uid?: number;
  gid?: number;
  /** The server stays when this process ends. */
  outlives: boolean;
}

/** A server in a process group of its own: Ctrl-C in a terminal reaches its starter only, which then stops all in order. */
export class ServerProcess {
  readonly pid: number;
  readonly logFile: string;
  /** Resolves with the exit code, or the signal's name, when the server has ended. */
  readonly exited: Promise<number | NodeJS.Signals>;
  private ended = false;
  private readonly child: ChildProcess;

  private constructor(child: ChildProcess, command: ServerCommand) {
    this.child = child;
    this.pid = child.pid as number;
    this.logFile = command.logFile;
    const last = (): void => {
      this.signal('SIGTERM');
      // One that a test has paused would wait for ever before it ends.
      this.signal('SIGCONT');
    };
    this.exited = new Promise((resolve) => {
      child.once('exit', (code, signal) => {
        this.ended = true;
        process.off('exit', last);
        resolve(signal ?? code ?? 0);
      });
    });
    if (command.outlives) child.unref();
    // A starter that ends by an uncaught error leaves no server behind.
    else process.on('exit', last);
  }

  static start(command: ServerCommand): Promise<ServerProcess> {
    const log = openSync(command.logFile, 'a');
    try {
      const child = spawn(command.command, command.args, {
        detached: true,
        stdio: ['ignore', log, log],
        ...(command.cwd && { cwd: command.cwd }),
        ...(command.uid !== undefined && { uid: command.uid }),
        ...(command.gid !== undefined && { gid: command.gid }),
      });
      return new Promise((resolve, reject) => {
        child.once('error', reject);
        child.once('spawn', () => resolve(new ServerProcess(child, command)));
      });
    } finally {
      closeSync(log);
    }
  }

  get hasEnded(): boolean {
    return this.ended;
  }

  signal(signal: NodeJS.Signals): void {
    if (!this.ended) this.child.kill(signal);
  }

  /** Asks by `signal`, waits `patienceMs`, then kills. Resolves when the process is gone. */
  async stop(signal: NodeJS.Signals, patienceMs: number): Promise<void> {
    if (this.ended) return;
    this.signal(signal);
    const patience = new AbortController();
    const timer = delay(patienceMs, undefined, { signal: patience.signal }).then(
      () => this.signal('SIGKILL'),
      () => undefined,
    );
    await this.exited;
    patience.abort();
    await timer;
  }

  /** Lines of the log that were written after `from` bytes and say what went wrong, newest last. */
  complaints(from = 0, atMost = 3): string[] {
    const lines = readFileSync(this.logFile).subarray(from).toString('utf8').split('\n').filter((line) => line.trim() !== '');
    const bad = lines.filter((line) => /error|fatal|exception|no space/i.test(line));
    return (bad.length > 0 ? bad : lines).slice(-atMost);
  }
}

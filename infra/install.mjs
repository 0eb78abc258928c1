/**
 * What every script here needs first: dependencies as the lock file names them, and Node 24, which is one of them. Plain JavaScript
 * without package imports, so that any Node from 20 on can run it on a fresh clone.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';

export const root = path.dirname(import.meta.dirname);

/** Node 24, once `install()` has returned. */
export const node = path.join(root, 'node_modules', 'node', 'bin', 'node');

/** Ends this process with one line that says what to do. */
export function refuse(problem, hint) {
  console.error(`error: ${problem}${hint ? `\n  hint: ${hint}` : ''}`);
  process.exit(1);
}

/** Brings node_modules to what package-lock.json says; does nothing when it is. */
export function install() {
  if (Number(process.versions.node.split('.')[0]) < 20) refuse(`Node ${process.versions.node} is too old`, 'install Node 20 or newer');
  const stale = firstStale();
  if (!stale) return;
  console.error(`installing the dependencies by npm ci (${stale})`);
  const { status, error } = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], { cwd: root, stdio: ['ignore', 2, 2], env: environmentOfNpm() });
  if (error) refuse(`npm could not be run: ${error.message}`, 'install npm 10 or newer (it comes with Node)');
  if (status !== 0) refuse(`npm ci failed with exit code ${status}`, 'see its lines above; a full disk or an unreachable registry are the usual reasons');
}

/** Runs a script of the workspace by Node 24 instead of this process's Node; its end is the end of this process. */
export function continueByNode24(script) {
  if (Number(process.versions.node.split('.')[0]) >= 24) return;
  const { status, signal } = spawnSync(node, [script, ...process.argv.slice(2)], { cwd: root, stdio: 'inherit' });
  if (signal) process.kill(process.pid, signal);
  process.exit(status ?? 1);
}

/** The first package that is not there as locked, in words; undefined when all are. */
function firstStale() {
  const locked = packagesOf(path.join(root, 'package-lock.json'));
  if (!locked) refuse('package-lock.json is missing or unreadable', 'run from inside a complete checkout of millrace');
  const installed = packagesOf(path.join(root, 'node_modules', '.package-lock.json'));
  if (!installed) return 'first run';
  for (const [place, wanted] of Object.entries(locked)) {
    if (!place.includes('node_modules/') || wanted.optional || wanted.devOptional || wanted.peer) continue;
    const present = wanted.link ? existsSync(path.join(root, place)) : installed[place]?.version === wanted.version;
    if (!present) return `${place.slice(place.lastIndexOf('node_modules/') + 'node_modules/'.length)} is not as locked`;
  }
  return existsSync(node) ? undefined : 'Node 24 is missing';
}

function packagesOf(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8')).packages;
  } catch {
    return undefined;
  }
}

/** npm ci removes node_modules and with it the Node that `npm run` puts first: the one outside must run it. */
function environmentOfNpm() {
  const environment = { ...process.env, ONNXRUNTIME_NODE_INSTALL: 'skip' };
  for (const name of ['NODE', 'npm_node_execpath', 'npm_execpath', 'NODE_OPTIONS']) delete environment[name];
  const inside = path.join(root, 'node_modules');
  environment.PATH = (environment.PATH ?? '').split(path.delimiter).filter((folder) => !folder.startsWith(inside)).join(path.delimiter);
  return environment;
}

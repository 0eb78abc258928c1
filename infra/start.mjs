/**
 * `npm start`: installs what is missing, builds what has changed, and tells the story of the flights by Node 24. Plain JavaScript
 * without package imports: any Node from 20 on can run it on a fresh clone. What follows `--` goes to `millrace demo flights`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { constants } from 'node:os';
import path from 'node:path';
import { install, node, refuse, root } from './install.mjs';

const phases = { install: timed(install), build: timed(build) };
await tell(process.argv.slice(2));

/** Seconds that a step took, for the report of the story. */
function timed(step) {
  const started = performance.now();
  step();
  return Number(((performance.now() - started) / 1000).toFixed(2));
}

function build() {
  console.error('building');
  const { status } = spawnSync(node, [path.join('node_modules', 'typescript', 'bin', 'tsc'), '-b'], { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) refuse('the build failed', 'see its lines above; npm run clean -- --build makes the next one begin from nothing');
}

/** Ends as the story ends: with its exit code. */
async function tell(args) {
  const story = spawn(node, ['--enable-source-maps', path.join(root, 'apps', 'millrace', 'dist', 'main.js'), 'demo', 'flights', ...args], { stdio: 'inherit', env: { ...process.env, MILLRACE_PHASES: JSON.stringify(phases) } });
  // The story stops everything in order, and this waits for it. Ctrl-C reaches both by itself; twice counts once there.
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => story.kill(signal));
  const [code, signal] = await new Promise((resolve) => {
    story.once('error', (error) => refuse(`millrace could not be started: ${error.message}`));
    story.once('exit', (...how) => resolve(how));
  });
  process.exitCode = code ?? 128 + (constants.signals[signal] ?? 0);
}

/**
 * `npm run clean`: removes all data of millrace (events, databases, archive, models); with `-- --build` also what was built, with
 * `-- --data-dir <folder>` the data of another folder. Jars and installed packages stay.
 */
import { existsSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { refuse, root } from './install.mjs';

/** What a data folder may hold: anything else was put there by somebody else. */
const ours = ['kafka', 'postgres', 'artifacts', 'up.json'];

const { values } = read();
const given = values['data-dir'] ?? process.env.MILLRACE_DATA_DIR;
const data = given ? path.resolve(given) : path.join(root, '.millrace');
const elsewhere = dataOfPostgres();
removeData();
if (values.build) removeBuild();

function read() {
  try {
    return parseArgs({ options: { 'data-dir': { type: 'string' }, build: { type: 'boolean' } } });
  } catch (error) {
    refuse(error.message, 'npm run clean [-- [--data-dir <folder>] [--build]]');
  }
}

function removeData() {
  if (!existsSync(data)) return console.log(`${data}: nothing there`);
  const strange = readdirSync(data).filter((name) => !ours.some((own) => name === own || name.startsWith(`${own}.`)));
  if (strange.length > 0) refuse(`${data} holds ${strange[0]}, which is not of millrace`, 'remove it by hand if that is what you want');
  for (const pid of users()) refuse(`millrace (process ${pid}) runs on ${data}`, `stop it first: Ctrl-C, or kill ${pid}`);
  if (elsewhere) remove(elsewhere);
  remove(data);
}

/** Where PostgreSQL had to put its data, if not below the data folder. Nothing but folders that it makes itself. */
function dataOfPostgres() {
  const folder = attempt(() => readFileSync(path.join(data, 'postgres', 'elsewhere.txt'), 'utf8').trim());
  return folder && /^\/var\/tmp\/millrace-[0-9a-f]+$/.test(folder) ? folder : undefined;
}

/** Processes that write to the folder. */
function* users() {
  for (const [file, pidOf] of [
    ['up.json', (text) => JSON.parse(text).pid],
    ['kafka/broker.pid', Number],
    [path.join(elsewhere ?? 'postgres', 'data', 'postmaster.pid'), (text) => Number.parseInt(text, 10)],
  ]) {
    const pid = attempt(() => pidOf(readFileSync(path.resolve(data, file), 'utf8')));
    if (pid > 0 && attempt(() => process.kill(pid, 0)) && mentions(pid)) yield pid;
  }
}

/** Whether a process is one of ours; its number may have gone to a stranger. Where that cannot be seen, it is. */
function mentions(pid) {
  const line = attempt(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8'));
  return line === undefined ? process.platform !== 'linux' : line.includes(data) || line.includes('millrace') || (elsewhere !== undefined && line.includes(elsewhere));
}

function removeBuild() {
  for (const kind of ['libs', 'apps', 'examples', 'test']) {
    const folder = path.join(root, kind);
    if (existsSync(folder)) for (const name of readdirSync(folder)) rmSync(path.join(folder, name, 'dist'), { recursive: true, force: true });
  }
  console.log('what was built: removed');
}

function remove(folder) {
  try {
    rmSync(folder, { recursive: true, force: true });
    console.log(`${folder}: removed`);
  } catch (error) {
    refuse(`${folder} could not be removed (${error.code})`, 'remove it as the user who ran millrace');
  }
}

function attempt(action) {
  try {
    return action();
  } catch {
    return undefined;
  }
}

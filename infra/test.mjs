/**
 * `npm test`: prepares all that the tests need, runs the suites of all projects and ends with one line, `N passed, N failed`.
 * What follows `--` goes to Jest: `npm test -- --selectProjects features`.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { continueByNode24, install, node, refuse, root } from './install.mjs';

// The last line is there also when nothing could run.
let isCounted = false;
process.on('exit', () => isCounted || console.log('0 passed, 1 failed'));
install();
isCounted = true;
continueByNode24(import.meta.filename);
isCounted = false;

requireKcat();
step('building', [path.join('node_modules', 'typescript', 'bin', 'tsc'), '-b']);
await prepareKafka();
const report = path.join(root, '.cache', 'test-report.json');
const status = runJest(report);
const { passed, failed, skipped } = count(report);
if (passed + failed === 0) console.error('error: no test ran');
isCounted = true;
console.log(`${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`);
process.exitCode = status === 0 && failed === 0 && passed > 0 ? 0 : 1;

/** The tests read topics with librdkafka too, so that a fault of our own client cannot hide itself. */
function requireKcat() {
  if (spawnSync('kcat', ['-V'], { stdio: 'ignore' }).error) refuse('kcat is missing, an independent reader of Kafka that the tests judge by', 'install it: apt-get install kcat (Debian, Ubuntu) or brew install kcat (macOS)');
}

function step(what, args) {
  console.error(what);
  const { status } = spawnSync(node, args, { cwd: root, stdio: ['ignore', 2, 2] });
  if (status !== 0) refuse(`${what} failed`, 'see its lines above');
}

/** Starts a broker once, so that no test waits for jars or for the archive of classes. */
async function prepareKafka() {
  const directory = mkdtempSync(path.join(tmpdir(), 'millrace-prepare-'));
  try {
    const { EmbeddedKafka } = await import('@millrace/embedded');
    const kafka = await EmbeddedKafka.start({ dataDir: directory, onProgress: console.error });
    await kafka.stop();
  } catch (error) {
    refuse(error.message, error.hint);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}

function runJest(outputFile) {
  mkdirSync(path.dirname(outputFile), { recursive: true });
  rmSync(outputFile, { force: true });
  const args = [path.join('node_modules', 'jest', 'bin', 'jest.js'), '--maxWorkers=2', '--json', `--outputFile=${outputFile}`, ...process.argv.slice(2)];
  const NODE_OPTIONS = `${process.env.NODE_OPTIONS ?? ''} --experimental-vm-modules --disable-warning=ExperimentalWarning`.trim();
  return spawnSync(node, args, { cwd: root, stdio: ['ignore', 2, 2], env: { ...process.env, NODE_OPTIONS } }).status;
}

/** What ran, of all suites; a suite that could not be loaded counts as one failure. */
function count(outputFile) {
  try {
    const result = JSON.parse(readFileSync(outputFile, 'utf8'));
    return { passed: result.numPassedTests, failed: result.numFailedTests + result.numRuntimeErrorTestSuites, skipped: result.numPendingTests + result.numTodoTests };
  } catch {
    return { passed: 0, failed: 1, skipped: 0 };
  }
}

/**
 * The kill run on three brokers, whose nodes and network break too. As a program:
 * `npm run kill-run -- [--faults 40] [--seed 1] [--kinds half-open,broker-kill] [--folder FOLDER] [--report FILE]`
 */
import { appendFileSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { oneOfOption, readTopic, TestCluster, wholeOption } from '@millrace/testing';
import { brokerFaults, workerFaults } from './broker-faults.ts';
import { checkKillRun } from './check-kill-run.ts';
import { killRun } from './kill-run.ts';
import { seeded } from './seeded.ts';

const { values } = parseArgs({
  options: { faults: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' }, kinds: { type: 'string' }, folder: { type: 'string' }, report: { type: 'string' } },
});
const faults = wholeOption('faults', values.faults, 1);
const seed = wholeOption('seed', values.seed);
const kinds = values.kinds?.split(',').map((kind) => oneOfOption('kinds', kind, [...workerFaults, ...brokerFaults]));
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'millrace-kill-three-'));
mkdirSync(folder, { recursive: true });
const started = performance.now();
const say = (text: string): void => appendFileSync(join(folder, 'run.log'), `${new Date().toISOString()} ${text}\n`);
// So that nothing is left behind: nodes end with the process, which a signal alone would end too soon.
process.on('SIGTERM', () => process.exit(143));
const kafka = await TestCluster.start({ dataDir: join(folder, 'kafka'), random: seeded(seed) });
try {
  const run = await killRun({ brokers: kafka.brokers, folder, seed, faults, pauseMs: 4, kafka, say, ...(kinds && { kinds }) });
  const { inputs, lostAt, ...wrong } = await checkKillRun(run, folder, (topic) => readTopic({ brokers: kafka.brokers, topic, isolation: 'read_committed' }));
  const { a, b } = run.posted;
  const logs = readdirSync(folder).filter((name) => name.startsWith('worker-')).map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  const begunAgain = [...logs.matchAll(/begins again: .*?\((\w+)\)/g)].reduce<Record<string, number>>((counts, [, code]) => ({ ...counts, [code!]: (counts[code!] ?? 0) + 1 }), {});
  const checks = [
    { name: 'inputs', ok: inputs > 0, value: inputs, limit: 1 },
    ...Object.entries(wrong).map(([name, value]) => ({ name, ok: value === 0, value, limit: 0 })),
  ];
  const ok = checks.every((check) => check.ok);
  const figures = {
    seed, seconds: Math.round((performance.now() - started) / 1000), faults: run.faults, lostAt,
    posted: { accepted: a.accepted.length + b.accepted.length, unknown: a.unknown.length + b.unknown.length, abortedTransactions: b.aborted.length / 20 }, begunAgain, gaveUp: run.gaveUp, folder,
  };
  const report = JSON.stringify({ ok, checks, figures }, null, 2);
  console.log(report);
  if (values.report) writeFileSync(values.report, `${report}\n`);
  process.exitCode = ok ? 0 : 1;
} finally {
  await kafka.stop();
}

/**
 * The kill run on three brokers, whose nodes and network break too. As a program:
 * `node --conditions=@millrace/source libs/messaging/src/conformance/kill-run-three.ts [--faults 40] [--seed 1] [--kinds half-open,broker-kill] [--folder /tmp/run]`
 */
import { appendFileSync, mkdtempSync, readFileSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { readTopic, TestCluster } from '@millrace/testing';
import type { FaultKind } from './broker-faults.ts';
import { checkKillRun } from './check-kill-run.ts';
import { killRun } from './kill-run.ts';
import { seeded } from './seeded.ts';

const { values } = parseArgs({ options: { faults: { type: 'string', default: '40' }, seed: { type: 'string', default: '1' }, kinds: { type: 'string' }, folder: { type: 'string' } } });
const folder = values.folder ?? mkdtempSync(join(tmpdir(), 'millrace-kill-three-'));
const seed = Number(values.seed);
const started = performance.now();
const say = (text: string): void => appendFileSync(join(folder, 'run.log'), `${new Date().toISOString()} ${text}\n`);
// So that nothing is left behind: nodes end with the process, which a signal alone would end too soon.
process.on('SIGTERM', () => process.exit(143));
const kafka = await TestCluster.start({ dataDir: join(folder, 'kafka'), random: seeded(seed) });
try {
  const run = await killRun({ brokers: kafka.brokers, folder, seed, faults: Number(values.faults), pauseMs: 4, kafka, say, ...(values.kinds && { kinds: values.kinds.split(',') as FaultKind[] }) });
  const read = (isolation: 'read_committed' | 'read_uncommitted') => (topic: string) => readTopic({ brokers: kafka.brokers, topic, isolation });
  const findings = await checkKillRun(run, folder, read('read_committed'));
  const { a, b } = run.posted;
  const logs = readdirSync(folder).filter((name) => name.startsWith('worker-')).map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  const outcomes = [...logs.matchAll(/begins again: .*?\((\w+)\)/g)].reduce<Record<string, number>>((counts, [, code]) => ({ ...counts, [code!]: (counts[code!] ?? 0) + 1 }), {});
  console.log(JSON.stringify({
    seed, seconds: Math.round((performance.now() - started) / 1000), faults: run.faults, findings,
    posted: { accepted: a.accepted.length + b.accepted.length, unknown: a.unknown.length + b.unknown.length, abortedTransactions: b.aborted.length / 20 }, begunAgain: outcomes, gaveUp: run.gaveUp, folder,
  }));
  const { inputs, lostAt: _, ...wrong } = findings;
  process.exitCode = inputs > 0 && Object.values(wrong).every((count) => count === 0) ? 0 : 1;
} finally {
  await kafka.stop();
}

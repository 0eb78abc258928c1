import { join } from 'node:path';
import { tmpdir } from 'node:os';
import { parseArgs } from 'node:util';
import { Random } from './random.ts';
import { endRuns, run, type RunResult } from './run.ts';
import { scenarios, type Scenario } from './scenario/index.ts';
import { quantile, tableOf } from './table.ts';
import { writeReport } from './write-report.ts';

const usage = `usage: npm run faults -- [--runs 20] [--seed 7] [--only kill,broker] [--orders 3000] [--rate 200] [--folder DIR] [--keep] [--report FILE]
       npm run faults -- --replay SEED:RUN      one run again; its data, logs and history are kept
kinds: ${scenarios.map(({ name, about }) => `\n  ${name.padEnd(16)} ${about}`).join('')}`;

const { values } = parseArgs({
  options: {
    runs: { type: 'string', default: '20' }, seed: { type: 'string', default: '7' }, from: { type: 'string', default: '0' }, only: { type: 'string' }, orders: { type: 'string', default: '3000' },
    rate: { type: 'string', default: '200' }, replay: { type: 'string' }, folder: { type: 'string', default: join(tmpdir(), 'millrace-faults') }, keep: { type: 'boolean', default: false }, report: { type: 'string' }, help: { type: 'boolean', default: false },
  },
});
if (values.help) {
  console.log(usage);
  process.exit(0);
}
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void endRuns().finally(() => process.exit(130)));
const [seed, only] = values.replay ? values.replay.split(':').map(Number) as [number, number] : [Number(values.seed), undefined];
const indices = only === undefined ? Array.from({ length: Number(values.runs) }, (_, index) => index + Number(values.from)) : [only];
const results: RunResult[] = [];
for (const index of indices) {
  const chosen = scenariosOf(seed, index);
  const impossible = chosen.map((scenario) => scenario.impossible?.()).find((reason) => reason !== undefined);
  if (impossible) {
    console.log(`run ${seed}:${index} ${chosen.map(({ name }) => name).join('+')} skipped: ${impossible}`);
    continue;
  }
  const result = await run({ seed, run: index, scenarios: chosen, orders: Number(values.orders), rate: Number(values.rate), folder: join(values.folder, `${seed}-${index}`), keep: values.keep || only !== undefined, onProgress: (line) => void console.error(line) });
  results.push(result);
  const { name, ok, faults, accepted, aborted, versions, seconds, violations, folder } = result;
  console.log(`run ${seed}:${index} ${name.padEnd(24)} ${ok ? 'ok' : 'VIOLATED'}  ${faults} faults, ${accepted} accepted, ${aborted} aborted, ${versions} versions, ${seconds} s${ok ? '' : `\n  ${violations.join('\n  ')}\n  kept in ${folder}; again: npm run faults -- --replay ${seed}:${index}`}`);
}
console.log(tableOf(results));
const withdrawals = results.flatMap((result) => result.withdrawals);
if (withdrawals.length > 0) console.log(`${withdrawals.length} versions were withdrawn; they predicted for ${quantile(withdrawals, 0.5)} ms (p50), ${quantile(withdrawals, 0.99)} ms (p99) after the route that withdrew them`);
if (values.report) writeReport(values.report, results);
process.exit(results.length > 0 && results.every(({ ok }) => ok) ? 0 : 1);

/** Each kind in turn; every third time another kind at once. */
function scenariosOf(of: number, index: number): readonly Scenario[] {
  const pool = values.only ? scenarios.filter(({ name }) => values.only!.split(',').includes(name)) : scenarios;
  if (pool.length === 0) throw new Error(usage);
  const first = pool[index % pool.length]!;
  const random = new Random('pair', of, index);
  const others = scenarios.filter((other) => other !== first && other.brokers === first.brokers);
  return Math.floor(index / pool.length) % 3 === 2 ? [first, random.pick(others)] : [first];
}

/** Hostile requests at the doors of all services: `npm run fuzz:http -- --runs 6000 --seed 7 --report FILE`. */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { wholeOption } from '@millrace/testing';
import { endOnSignal } from '../end-on-signal.ts';
import { fuzzHttp } from './http-fuzz.ts';

const { values } = parseArgs({ options: { runs: { type: 'string', default: '2000' }, seed: { type: 'string', default: '1' }, report: { type: 'string' } } });
const { ok, violations, ...figures } = await fuzzHttp({ runs: wholeOption('runs', values.runs, 1), seed: wholeOption('seed', values.seed), onProgress: console.log, onStart: endOnSignal });
for (const { rule, service, kind, run, detail } of violations) console.log(`VIOLATED ${rule} at ${service} by ${kind ?? 'all'} (${values.seed}:${run ?? '-'}): ${detail}`);
console.log(`${figures.runs} attacks: ${violations.length} violations; slowest answer ${figures.slowestMs} ms, slowest health ${figures.health.slowestMs} ms`);
const checks = [{ name: 'violations', ok, value: violations.length, limit: 0 }];
if (values.report) writeFileSync(values.report, `${JSON.stringify({ ok, checks, figures: { ...figures, violations } }, null, 2)}\n`);
process.exit(ok ? 0 : 1);

import { readFileSync, readdirSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { lintReport } from './lint-report.ts';
import type { LintReport, Text } from './lint.ts';
import { root } from './root.ts';

interface KnownBad extends Text {
  name: string;
  reportedBy: string;
}

const folder = path.join(root, 'test', 'architecture', 'fixtures');
const written = readdirSync(folder).map((name): KnownBad => {
  const text = readFileSync(path.join(folder, name), 'utf8');
  const [, at, reportedBy] = /^\/\/ at: (\S+)\n\/\/ reported by: (\S+)\n/.exec(text) ?? [];
  if (!at || !reportedBy) throw new Error(`${name} does not begin with the lines 'at' and 'reported by'`);
  return { name, at, reportedBy, text };
});
const long = { name: 'a file of 301 lines', at: 'libs/messaging/src/known-bad.ts', reportedBy: 'max-lines', text: 'export {};\n'.repeat(301) };
// Several stand in the same folder, so each is linted under a name of its own there.
const knownBad = [...written, long].map((bad, index) => ({ ...bad, at: bad.at.replace('known-bad', `known-bad-${index}`) }));

const knownGood = [
  { name: 'kafkajs in libs/messaging', at: 'libs/messaging/src/known-good-1.ts', text: "import kafkajs from 'kafkajs';\n\nexport const client = kafkajs;\n" },
  { name: 'the API of OpenTelemetry', at: 'libs/messaging/src/known-good-2.ts', text: "import { trace } from '@opentelemetry/api';\n\nexport const tracer = trace;\n" },
  { name: 'TypeORM in a persistence folder', at: 'apps/registry/src/persistence/known-good.ts', text: "import { DataSource } from 'typeorm';\n\nexport const source = DataSource;\n" },
  { name: 'a date of a given time', at: 'libs/features/src/known-good.ts', text: 'export const date = (at: number): Date => new Date(at);\n' },
];

let report: LintReport;
beforeAll(async () => {
  report = await lintReport([...knownBad, ...knownGood]);
}, 120_000);
const rulesThatReport = (place: string): string[] => report.findings.filter(({ at }) => at === place).map(({ rule }) => String(rule));

it.each(knownBad)('$name is reported by $reportedBy', ({ at, reportedBy }) => {
  expect(rulesThatReport(at)).toContain(reportedBy);
});

it.each(knownGood)('$name is not reported', ({ at }) => {
  expect(rulesThatReport(at)).toEqual([]);
});

describe('a rule of the layout', () => {
  it('is never without a file that breaks it', () => {
    expect(report.layout).toContain('layout/kafkajs');
    expect(report.layout.filter((rule) => !knownBad.some(({ reportedBy }) => reportedBy === rule))).toEqual([]);
  });
});

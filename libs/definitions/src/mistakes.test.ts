import { join } from 'node:path';

import { beforeAll, describe, expect, it } from '@jest/globals';
import ts from 'typescript';

const declared = `
import { cel, count, defineEntity, defineFeatureView, defineModel, defineRowFeatures, defineStream, gate, instant, logisticRegression, row, share, text, whole } from './index.ts';
const arrivals = defineStream('arrivals', { fields: { flight: whole(), landedAt: instant(), origin: text(), delay: whole() }, id: 'flight', eventTime: 'landedAt' });
const departures = defineStream('departures', { fields: { flight: whole(), departedAt: instant(), origin: text() }, id: 'flight', eventTime: 'departedAt' });
const origin = defineEntity('origin', [departures, arrivals], (f) => f.origin);
const gateOfArrival = defineEntity('gate', [arrivals], (f) => f.origin);
const late = cel\`\${arrivals.delay} > 15\`;
const traffic = defineFeatureView('traffic', { from: departures, entity: origin, resolution: '1m', features: () => ({ n: count().over('3h') }) });
const atGate = defineFeatureView('at-gate', { from: arrivals, entity: gateOfArrival, resolution: '1m', features: () => ({ n: count().over('3h') }) });
const rest = {
  predicts: departures, learner: logisticRegression({}), training: { window: '28d', holdout: 0.2, minimumLabels: 1, seed: 7 }, gates: [],
  rollout: { steps: [100], minimum: 1, maximumWait: '10m' }, retrain: { when: [], newLabels: 0, cooldown: '7d' },
} as const;
const label = { from: arrivals, judges: 'flight', value: late, horizon: '12h', absent: 'unknown' } as const;
`;

const mistakes: Record<string, [snippet: string, message: RegExp]> = {
  'a field that the stream does not have': ['cel`${arrivals.dealy} > 15`;', /Property 'dealy' does not exist .* Did you mean 'delay'\?/],
  'an event time that is no instant': ["defineStream('clicks', { fields: { user: text(), at: instant() }, eventTime: 'user' });", /Type '"user"' is not assignable to type '"at"'/],
  'a window that is no duration': ["count().over('60min');", /'"60min"' is not assignable to parameter of type 'Duration'|is not assignable to parameter of type '`\$\{number\}/],
  'a field of arrivals in a view of departures': [
    "defineFeatureView('v', { from: departures, entity: origin, resolution: '1m', features: () => ({ late: share(late).over('3h') }) });",
    /'"departures"' is not assignable to type '"arrivals"'/,
  ],
  'an entity without a key on the stream that feeds': [
    "defineFeatureView('v', { from: departures, entity: gateOfArrival, resolution: '1m', features: () => ({ n: count().over('3h') }) });",
    /'"departures"' is not assignable to type '"arrivals"'/,
  ],
  'a feature whose entity the predicted stream has no key for': ["defineModel('m', { ...rest, features: { n: atGate.n }, label });", /'"departures"' is not assignable to type '"arrivals"'/],
  'a label that judges by a field its stream does not have': [
    "defineModel('m', { ...rest, features: { n: traffic.n }, label: { ...label, judges: 'fligth' } });",
    /"fligth"/,
  ],
  'a label computed from another stream': ["defineModel('m', { ...rest, features: { n: traffic.n }, label: { ...label, value: departures.flight } });", /'"arrivals"' is not assignable to type '"departures"'/],
  'an unknown metric': ["gate.atLeast('auk', 0.6);", /"auk"/],
};

const folder = import.meta.dirname;
const found = new Map<string, string>();

beforeAll(() => {
  const sources = new Map(Object.entries({ none: "defineModel('m', { ...rest, features: { n: traffic.n }, label });", ...Object.fromEntries(Object.entries(mistakes).map(([name, [snippet]]) => [name, snippet])) }).map(([name, snippet], i) => [join(folder, `snippet-${i}.ts`), { name, text: declared + snippet }]));
  const { config } = ts.readConfigFile(join(folder, '../../../tsconfig.base.json'), ts.sys.readFile);
  const { options } = ts.convertCompilerOptionsFromJson(config.compilerOptions, join(folder, '../../..'));
  const host = ts.createCompilerHost(options);
  const { readFile, fileExists, getSourceFile } = host;
  host.readFile = (path) => sources.get(path)?.text ?? readFile(path);
  host.fileExists = (path) => sources.has(path) || fileExists(path);
  host.getSourceFile = (path, language, ...others) => (sources.has(path) ? ts.createSourceFile(path, sources.get(path)!.text, language) : getSourceFile(path, language, ...others));
  const program = ts.createProgram([...sources.keys()], { ...options, noEmit: true, composite: false, incremental: false }, host);
  for (const [path, { name }] of sources)
    found.set(name, program.getSemanticDiagnostics(program.getSourceFile(path)).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')).join('\n'));
}, 60_000);

describe('definitions that do not compile', () => {
  it('lets a correct one through', () => {
    expect(found.get('none')).toBe('');
  });

  it.each(Object.entries(mistakes))('%s', (name, [, message]) => {
    expect(found.get(name)).toMatch(message);
  });
});

import { afterAll, describe, expect, it } from '@jest/globals';
import { controlMutants } from './testing/control-mutants.ts';
import { dataMutants } from './testing/data-mutants.ts';
import { Mutation } from './testing/mutation.ts';
import { judged, recordedRun } from './testing/recorded-run.ts';
import { rejectSound, soleMutants, standStill } from './testing/sole-mutants.ts';
import { model } from './testing/simulated-loop.ts';
import type { LabelFold } from './checks/labels.check.ts';
import type { Bounds } from './violations.ts';
import { verifyLog, type VerifyOptions } from './verify.ts';

const mutants = { ...dataMutants, ...controlMutants };
const seeds = [1, 2];
const runs = seeds.map(recordedRun);
const table: { check: string; kinds: number; mutants: number; found: number }[] = [];

/** Mutants that are faults at the end of a history alone. */
const openEnds = [
  ['routes', 'another slot does'], ['archive', 'the last file was never sealed'], ['archive', 'nothing was ever archived of a partition'], ['deciders', 'a request is never started'],
  ['deciders', 'a training that has its labels never ends'], ['deciders', 'a trained model never becomes a version'], ['deciders', 'a version is never judged'],
  ['deciders', 'an approved version is never rolled out'], ['deciders', 'a rollout never ends'], ['commands', 'a training that was asked for is not requested'], ['performance', 'a window is never judged'],
] as const;

/** Rows where no record will ever tell the time. */
const behindTheEnd: ReadonlySet<string> = new Set(['a row behind the end of the log', 'a row at another offset']);

describe('the checker', () => {
  it('finds nothing in 50 clean runs, and sees something in each of its checks', async () => {
    for (let seed = 1; seed <= 50; seed++) {
      const { checks } = await judged(recordedRun(seed));
      expect(checks.flatMap(({ name, violations }) => violations.map((violation) => ({ seed, name, ...violation })))).toEqual([]);
      expect(checks.filter(({ judged: count }) => count === 0).map(({ name }) => name)).toEqual([]);
    }
  });

  it.each(Object.entries(mutants))('finds what breaks: %s', async (group, kinds) => {
    const check = group.split(' ')[0]!;
    const row = { check: group, kinds: Object.keys(kinds).length, mutants: 0, found: 0 };
    const missed: string[] = [];
    for (const [name, mutate] of Object.entries(kinds))
      for (const [i, seed] of seeds.entries()) {
        const mutation = new Mutation(runs[i]!, seed);
        if (group === 'deciders') mutation.withoutSequences();
        mutate(mutation);
        const verdict = await judged(mutation.run);
        const result = verdict.checks.find((each) => each.name === check)!;
        row.mutants++;
        if (!result.ok && result.violations.length > 0 && !verdict.ok) row.found++;
        else missed.push(`${name} (seed ${seed}); found by ${verdict.checks.filter(({ ok }) => !ok).map((each) => each.name).join(', ') || 'nobody'}`);
      }
    table.push(row);
    expect(missed).toEqual([]);
  });

  it.each(Object.entries(soleMutants))('finds by one rule of it alone what breaks: %s', async (check, kinds) => {
    const row = { check: `${check}, alone`, kinds: Object.keys(kinds).length, mutants: 0, found: 0 };
    const wrong: object[] = [];
    for (const [name, { says, mutate }] of Object.entries(kinds))
      for (const [i, seed] of seeds.entries()) {
        const mutation = new Mutation(runs[i]!, seed);
        mutate(mutation);
        const { checks } = await judged(mutation.run);
        const by = checks.filter(({ ok }) => !ok).map((each) => each.name);
        const said = checks.flatMap(({ violations }) => violations.map(({ sentence }) => sentence));
        row.mutants++;
        if (by.join() === check && said.length > 0 && said.every((sentence) => says.test(sentence))) row.found++;
        else wrong.push({ name, seed, by, said });
      }
    table.push(row);
    expect(wrong).toEqual([]);
  });

  it('was shown at least 200 mutants', () => expect(table.reduce((sum, { mutants: count }) => sum + count, 0)).toBeGreaterThanOrEqual(200));

  describe('a rejection of a record that can be read', () => {
    const found = async (mutation: Mutation): Promise<string[]> => (await judged(mutation.run)).checks.flatMap(({ violations }) => violations.map(({ sentence }) => sentence));
    const applied = (mutation: Mutation) => mutation.one('definitions', 'definition-applied');

    it('is no fault for another cause', async () => {
      const mutation = new Mutation(runs[0]!, 1);
      for (const code of ['INVALID_FIELD', 'FROM_THE_FUTURE', 'TOO_LARGE', 'NOT_FOUND']) rejectSound(mutation, 'orders', code);
      expect(await found(mutation)).toEqual([]);
    });

    it('is none where a byte is missing or left over, or the schema is of another stream', async () => {
      const mutation = new Mutation(runs[0]!, 1);
      const { value } = mutation.fields(rejectSound(new Mutation(runs[0]!, 1), 'orders', 'NOT_AVRO'));
      rejectSound(mutation, 'orders', 'NOT_AVRO', { value: value.subarray(0, -1) });
      rejectSound(mutation, 'orders', 'NOT_AVRO', { value: Buffer.concat([value, Buffer.of(0)]) });
      rejectSound(mutation, 'orders', 'NOT_AVRO', { value: Buffer.concat([Buffer.of(1), value.subarray(1)]) });
      rejectSound(mutation, 'outcomes', 'UNKNOWN_SCHEMA', { value });
      expect(await found(mutation)).toEqual([]);
    });

    it('is none before the lane has activated the schema, and while its activation may be on its way', async () => {
      for (const afterMs of [-1, 5000, 5001]) {
        const mutation = new Mutation(runs[0]!, 1);
        rejectSound(mutation, 'orders', 'UNKNOWN_SCHEMA', { acceptedAt: mutation.one('event-ingested', 'definition-activated').timestamp + afterMs });
        expect(await found(mutation)).toHaveLength(afterMs > 5000 ? 1 : 0);
      }
    });

    it('is one too where the activation has expired, once an event was ingested by the schema', async () => {
      for (const isLater of [false, true]) {
        const mutation = new Mutation(runs[0]!, 1);
        mutation.drop(mutation.one('event-ingested', 'definition-activated'));
        const first = mutation.all('event-ingested', 'event-ingested', ({ stream }) => stream === 'orders')[0]!;
        rejectSound(mutation, 'orders', 'UNKNOWN_SCHEMA', { acceptedAt: first.timestamp + (isLater ? 5001 : 5000) });
        // Without definitions the fold of the features knows no set.
        expect((await found(mutation)).filter((sentence) => !sentence.includes('feature set in force'))).toEqual(isLater ? [expect.stringContaining('was in force')] : []);
      }
    });

    it('is none where a newer set without the schema may have been in force', async () => {
      const mutation = new Mutation(runs[0]!, 1);
      const { definitions, schemas, ...rest } = mutation.fields(applied(mutation));
      const rejection = rejectSound(mutation, 'orders', 'UNKNOWN_SCHEMA');
      const without = { ...rest, definitions, hash: 'e'.repeat(64), schemas: schemas.filter(({ stream }: { stream: string }) => stream !== 'orders') };
      const apply = (timestamp: number): void => { mutation.log.now = timestamp; mutation.again(applied(mutation), without); };
      const later = new Mutation(runs[0]!, 1);
      rejectSound(later, 'orders', 'UNKNOWN_SCHEMA');
      later.log.now += 5001;
      later.again(applied(later), without);
      apply(rejection.timestamp);
      expect(await found(mutation)).toEqual([]);
      expect(await found(later)).toHaveLength(1);
    });
  });

  it('takes it for no fault that a topic is compacted while it is read', async () => {
    const mutation = new Mutation(runs[0]!, 1);
    const summaries = mutation.all('window-summaries', 'window-summarised');
    expect(summaries.length).toBeGreaterThan(4);
    mutation.set(summaries[0]!, { stored: false });
    mutation.set(summaries[1]!, { visible: false });
    mutation.drop(summaries[2]!);
    expect((await judged(mutation.run)).checks.flatMap(({ violations }) => violations)).toEqual([]);
  });

  it('judges only what was appended within the bounds', async () => {
    const mutation = new Mutation(runs[0]!, 1);
    const record = mutation.one('predictions', 'prediction-made');
    mutation.change(record, { rolloutId: 'r9' });
    const violations = async (from: number, to: number) => (await verifyLog(mutation.log, { bounds: { from, to } })).checks.flatMap(({ name, value }) => (value > 0 ? [name] : []));
    expect(await violations(record.timestamp, record.timestamp)).toEqual(['routes']);
    expect(await violations(record.timestamp + 1, Infinity)).toEqual([]);
    expect(await violations(-Infinity, record.timestamp - 1)).toEqual([]);
  });

  it('finds nothing in a clean run whatever the bounds are: what lies outside of them is cause and effect of what lies within', async () => {
    for (const run of runs) {
      const times = [...run.log.records.values()].flat().map(({ timestamp }) => timestamp).sort((a, b) => a - b);
      const effects = [...run.log.records].filter(([place]) => /^(retrain-requested|model-versions|rollouts|commands)\//.test(place)).flatMap(([, records]) => records.filter(({ visible }) => visible));
      const bounds = [0.2, 0.5, 0.8].flatMap((share) => [{ from: times[Math.floor(share * times.length)]!, to: Infinity }, { from: -Infinity, to: times[Math.floor(share * times.length)]! }]);
      for (const each of [...bounds, ...effects.map(({ timestamp }) => ({ from: timestamp, to: timestamp }))]) expect((await judged(run, { bounds: each })).checks.flatMap(({ violations }) => violations)).toEqual([]);
    }
  });

  it.each(['archive', 'deciders', 'deciders by sequence', 'commands'])('places by time what has no record of its own: %s', async (group) => {
    const kinds = { ...mutants[group], ...Object.fromEntries(Object.entries(soleMutants[group] ?? {}).map(([name, { mutate }]) => [name, mutate])) };
    const check = group.split(' ')[0]!;
    for (const [name, mutate] of Object.entries(kinds)) {
      const mutation = new Mutation(runs[0]!, 1);
      mutate(mutation);
      const times = [...mutation.log.records.values()].flat().map(({ timestamp }) => timestamp);
      const [from, to] = [times.reduce((a, b) => Math.min(a, b)), times.reduce((a, b) => Math.max(a, b))];
      const found = async (bounds: Bounds): Promise<object> => ({ name, found: (await judged(mutation.run, { bounds })).checks.find((each) => each.name === check)!.value > 0 });
      expect(await found({ from, to })).toEqual({ name, found: true });
      expect(await found({ from: -Infinity, to: from - 1 })).toEqual({ name, found: false });
      if (!behindTheEnd.has(name)) expect(await found({ from: to + 1, to: Infinity })).toEqual({ name, found: false });
    }
  });

  it('takes the end of a partition for what is on its way while events flow, and nothing before it', async () => {
    const mutation = new Mutation(runs[0]!, 1);
    const predictions = mutation.log.records.get(`predictions.${model}/0`)!.filter(({ visible }) => visible);
    for (const record of predictions.slice(-5)) mutation.drop(record);
    expect(await verifyLog(mutation.log, { settled: false })).toMatchObject({ ok: true, figures: { predictionsWaiting: 5 } });
    expect((await verifyLog(mutation.log)).checks.find(({ name }) => name === 'predictions')).toMatchObject({ ok: false, value: 5 });
    mutation.drop(predictions.at(-9)!);
    expect((await verifyLog(mutation.log, { settled: false })).checks.find(({ name }) => name === 'predictions')).toMatchObject({ ok: false, value: 1 });
  });

  it('does not take nothing for a good history', async () => {
    const run = recordedRun(1);
    for (const records of run.log.records.values()) records.length = 0;
    const { ok, checks } = await judged({ ...run, accepted: [], segments: [] });
    expect(ok).toBe(false);
    expect(checks.find(({ name }) => name === 'outcomes')).toMatchObject({ ok: false, detail: expect.stringContaining('judged 0 records') });
  });

  it('refuses a fewest number for what it does not judge, and reports the others', async () => {
    await expect(verifyLog(runs[0]!.log, { atLeast: { archive: 1 } })).rejects.toMatchObject({ code: 'UNKNOWN_CHECK' });
    const run = { ...runs[0]!, segments: [] };
    const { ok, checks } = await judged(run, { settled: false, atLeast: { archive: 1, predictions: 10 } });
    expect(ok).toBe(false);
    expect(checks.filter((check) => !check.ok)).toMatchObject([{ name: 'archive', judged: 0, fewest: 1 }]);
    expect(checks.find(({ name }) => name === 'predictions')).toMatchObject({ ok: true, fewest: 10 });
  });

  it('takes nothing that is still open for a fault while events flow', async () => {
    for (const [check, name] of openEnds) {
      const mutation = new Mutation(runs[0]!, 1);
      soleMutants[check]![name]!.mutate(mutation);
      expect((await judged(mutation.run, { settled: false })).checks.filter(({ ok }) => !ok).map((each) => [name, each.name, each.violations])).toEqual([]);
    }
  });

  it('lets a training wait whose labels have not come', async () => {
    const mutation = new Mutation(runs[0]!, 1);
    mutation.dropUncounted(mutation.one('trainings', 'training-failed'));
    const open = async (): Promise<string[]> => (await judged(mutation.run)).checks.filter(({ ok }) => !ok).map(({ name }) => name);
    expect(await open()).toEqual(['deciders']);
    const request = { ...mutation.fields(mutation.one('retrain-requested', '*', ({ episode }) => episode === 'e-failed')), newLabels: 100_000 };
    mutation.change(mutation.one('retrain-requested', '*', ({ episode }) => episode === 'e-failed'), request);
    mutation.change(mutation.one('trainings', 'training-started', ({ training }) => training === 'e-failed'), { request });
    expect(await open()).toEqual([]);
  });

  it('judges labels by a fold of somebody else, where there is one', async () => {
    const of = (labels: LabelFold) => judged(runs[0]!, { labels });
    const right: LabelFold = ({ stream, fields }) => (stream === 'outcomes' ? { [model]: Number(fields['amount']) > 5 ? 1 : 0 } : undefined);
    expect((await of(right)).ok).toBe(true);
    const wrong = async (labels: LabelFold): Promise<object[]> => (await of(labels)).checks.filter(({ ok }) => !ok);
    expect(await wrong((event) => (event.position % 7 === 0 ? { [model]: Number(event.fields['amount']) > 5 ? 0 : 1 } : right(event)))).toMatchObject([{ name: 'labels', violations: expect.arrayContaining([expect.objectContaining({ sentence: expect.stringMatching(/^says [01]; the event at/) })]) }]);
    expect(await wrong(() => ({ [model]: null }))).toMatchObject([{ name: 'labels', violations: expect.arrayContaining([expect.objectContaining({ sentence: expect.stringContaining('is a label that must not be') })]) }]);
  });

  it('finds exact figures in most reports', async () => {
    const figures = await Promise.all(runs.map(async (run) => (await judged(run)).figures['exactReports']));
    for (const exact of figures) expect(exact).toBeGreaterThan(0);
  });

  it('judges how long a withdrawn version goes on answering, where a limit is given', async () => {
    const mutation = new Mutation(runs[0]!, 1);
    standStill(mutation, 0);
    standStill(mutation, 1);
    const log = (options: VerifyOptions) => verifyLog(mutation.log, { settled: false, ...options });
    const { figures } = await log({});
    const longest = figures['longestWithdrawalMs'] as number;
    expect(longest).toBeGreaterThan(0);
    expect((await log({ withdrawnWithinMs: longest })).ok).toBe(true);
    const late = await log({ withdrawnWithinMs: longest - 1 });
    expect(late.checks.filter(({ ok }) => !ok)).toMatchObject([{ name: 'routes', violations: expect.arrayContaining([expect.objectContaining({ sentence: expect.stringContaining(`${longest} ms after epoch`) })]) }]);
  });

  afterAll(() => {
    console.log(['check                 kinds  mutants  found', ...table.map(({ check, kinds, mutants: count, found }) => `${check.padEnd(20)}${String(kinds).padStart(7)}${String(count).padStart(9)}${String(found).padStart(7)}`)].join('\n'));
  });
});

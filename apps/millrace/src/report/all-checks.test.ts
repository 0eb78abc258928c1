import { describe, expect, it } from '@jest/globals';
import { RolloutAborted } from '@millrace/contracts';
import { allChecks, judge } from './all-checks.ts';
import { allTheWay, canary, completed, controlOf, daysOf, epochsOf, evidenceOf, goldenOf, goodControl, historyOf, latencyOf, registered, requested, routed, theStory } from './evidence.fixture.ts';
import type { Evidence } from './evidence.ts';
import { History } from './history.ts';

const without = (...gone: string[]) => allTheWay.filter((what) => !gone.includes(what));
const quality = (v1: [number, number], v2: [number, number]) => ({ quality: new Map([[1, daysOf(...v1)], [2, daysOf(...v2)]]) });
const one = [5, 25, 75, 100].map((weight, step) => canary(2 + step, weight));

describe('the checks of a report', () => {
  it('all hold for a good run', () => {
    const { ok, checks, leftOut } = judge(evidenceOf(), theStory);
    expect(checks.filter((check) => !check.ok)).toEqual([]);
    expect({ ok, made: checks.length, leftOut }).toEqual({ ok: true, made: allChecks.length, leftOut: [] });
  });

  it.each<[string, string, Partial<Evidence>]>([
    ['a posted event that nobody took', 'lost', { history: historyOf(allTheWay, ['posted']) }],
    ['an event without vector', 'lost', { history: historyOf(allTheWay, without('vectors', 'due', 'predictions')) }],
    ['a vector without prediction', 'lost', { history: historyOf(allTheWay, without('predictions')) }],
    ['an outcome that nobody took', 'lost', { history: historyOf(allTheWay, without('outcomeIngested', 'labels')) }],
    ['an outcome without label', 'lost', { history: historyOf(allTheWay, without('labels')) }],
    ['a record that was neither accepted nor rejected', 'lost', { unreadable: 1 }],
    ['a run without events', 'lost', { history: new History() }],
    ['a vector twice', 'doubled', { history: historyOf([...allTheWay, 'vectors']) }],
    ['a label twice', 'doubled', { history: historyOf([...allTheWay, 'labels']) }],
    ['a prediction twice', 'doubled', { history: historyOf([...allTheWay, 'predictions']) }],
    ['an event that nobody posted', 'unasked', { history: historyOf(without('posted')) }],
    ['a vector of nothing', 'unasked', { history: historyOf(allTheWay, ['vectors']) }],
    ['a prediction before the first route', 'unasked', { history: historyOf(without('due')) }],
    ['a label of nothing', 'unasked', { history: historyOf(without('outcomeIngested', 'outcomePosted')) }],
    ['a vector that differs from the reference', 'golden vectors', { golden: goldenOf(1.5) }],
    ['a third version', 'versions', { control: controlOf(...goodControl, registered(3)) }],
    ['one version only', 'versions', { control: controlOf(...goodControl.slice(0, 4)) }],
    ['a second episode', 'episodes', { control: controlOf(...goodControl, requested('worse')) }],
    ['no episode', 'episodes', { control: controlOf(requested('labels')) }],
    ['no first volume', 'episodes', { control: controlOf(requested('worse')) }],
    ['a step left out', 'canary steps of version 2', { control: controlOf(...one.filter((_, step) => step !== 1), completed(2)) }],
    ['a step twice', 'canary steps of version 2', { control: controlOf(...one, canary(6, 100), completed(2)) }],
    ['a rollout that never ends', 'canary steps of version 2', { control: controlOf(...one) }],
    ['a rollout that is aborted', 'canary steps of version 2', { control: controlOf(...one, new RolloutAborted({ model: 'm', rolloutId: 'r', version: 2, reason: '', by: '' })) }],
    ['a version that takes over at once', 'canary steps of version 2', { control: controlOf(routed(2, ['CHAMPION', 2, 100]), completed(2)) }],
    ['a weak version 1', 'AUC of version 1 on 8-14 January', quality([0.707, 0.4519], [0.731, 0.4331])],
    ['a version 1 that is better than it can be', 'AUC of version 1 on 8-14 January', quality([0.729, 0.4519], [0.731, 0.4331])],
    ['a miscalibrated version 1', 'log loss of version 1 on 8-14 January', quality([0.718, 0.463], [0.731, 0.4331])],
    ['a weak version 2', 'AUC of version 2 on 8-14 January', quality([0.718, 0.4519], [0.72, 0.4331])],
    ['a miscalibrated version 2', 'log loss of version 2 on 8-14 January', quality([0.718, 0.4519], [0.731, 0.4445])],
    ['figures that are missing', 'AUC of version 2 on 8-14 January', { quality: new Map([[1, daysOf(0.718, 0.4519)]]) }],
    ['a version 2 that sorts no better', 'version 2 is better on 8-14 January', quality([0.7255, 0.4519], [0.725, 0.4331])],
    ['a version 2 that is no better calibrated', 'version 2 is better on 8-14 January', quality([0.718, 0.442], [0.731, 0.4425])],
    ['a route epoch that decreases', 'route epochs never decrease', { epochs: epochsOf(1, 2, 1) }],
    ['slow predictions', 'event to prediction, p99, ms', { latency: latencyOf(20, 2_001) }],
    ['no predictions', 'event to prediction, p99, ms', { latency: latencyOf() }],
  ])('see %s', (_, name, change) => {
    const { ok, checks } = judge(evidenceOf(change), theStory);
    expect(ok).toBe(false);
    expect(checks.find((check) => check.name === name)).toMatchObject({ ok: false });
  });

  it.each<[string, Partial<Evidence>]>([
    ['events that are posted twice', { history: historyOf([...allTheWay, 'posted', 'ingested', 'outcomePosted']) }],
    ['vectors before the first route', { history: historyOf(allTheWay, without('due', 'predictions')) }],
  ])('allow %s', (_, change) => expect(judge(evidenceOf(change), theStory).ok).toBe(true));

  it('make those of the story for the story only, and say why', () => {
    const made = (change: Partial<typeof theStory>) => judge(evidenceOf(), { ...theStory, ...change });
    const short = made({ to: Date.UTC(2001, 0, 4) });
    expect(short.checks.map(({ name }) => name)).toEqual(['lost', 'doubled', 'unasked', 'golden vectors', 'route epochs never decrease', 'event to prediction, p99, ms']);
    expect(short.leftOut.find(({ name }) => name === 'versions')?.why).toBe('it needs the flights up to 2001-01-10, this run ends with 2001-01-04');
    expect(made({ hold: false }).leftOut.map(({ name }) => name)).toContain('episodes');
    expect(made({ from: Date.UTC(2001, 0, 5) }).leftOut.map(({ name }) => name)).toContain('golden vectors');
    expect(made({ to: Date.UTC(2001, 2, 1) }).leftOut.map(({ name }) => name)).toContain('versions');
    expect(made({ paced: false }).leftOut.map(({ name }) => name)).toContain('event to prediction, p99, ms');
  });

  it('never leave out that nothing is lost or doubled', () => {
    const { checks } = judge(evidenceOf(), { from: Date.UTC(2001, 3, 1), to: Date.UTC(2001, 3, 1), hold: false, paced: false });
    expect(checks.map(({ name }) => name)).toEqual(['lost', 'doubled', 'unasked', 'route epochs never decrease']);
  });
});

describe('what the control topics say', () => {
  it('names the first offset of each slot that is routed', async () => {
    const { adopted } = await import('./evidence.fixture.ts');
    expect(controlOf(adopted(0, 1, 17), adopted(1, 1, 12), adopted(0, 2, 40)).firstRouted('m')).toEqual(new Map([[0, 17], [1, 12]]));
    expect(controlOf(adopted(0, 1, 17)).firstRouted('other').size).toBe(0);
  });
});

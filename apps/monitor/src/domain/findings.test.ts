import { describe, expect, it } from '@jest/globals';
import { ArmObserved, CommandIssued, DefinitionApplied, EventEncoder, PerformanceReported, RetrainRequested, WindowSummarised, WorkspaceCreated, decodeEvent, type Event, type Evaluation, type WindowSummarisedFields } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import { Tick, type Read } from '@millrace/messaging';
import { ScoreHistogram, lossOf } from '@millrace/statistics';
import { CommandIssuedHandler } from '../handlers/command-issued.handler.ts';
import { DefinitionAppliedHandler } from '../handlers/definition-applied.handler.ts';
import { TickHandler } from '../handlers/tick.handler.ts';
import { WindowSummarisedHandler } from '../handlers/window-summarised.handler.ts';
import { WorkspaceCreatedHandler } from '../handlers/workspace-created.handler.ts';
import { Evaluations } from './evaluations.ts';
import { Findings, type FindingsState } from './findings.ts';

const hour = 3_600_000;
const day = 24 * hour;
const january = (n: number): number => Date.UTC(2001, 0, n);

const definition = {
  name: 'm', label: { horizonMs: 12 * hour }, training: { minimumLabels: 500 }, rollout: { minimum: 50 },
  retrain: { when: [{ kind: 'labels', count: 1000 }, { kind: 'worse', metric: 'auc', by: 0.05, overMs: day }, { kind: 'miscalibrated', by: 0.05, overMs: day }], newLabels: 600, cooldownMs: 7 * day },
} as unknown as ModelDefinition;
const applied = new DefinitionApplied({ hash: 'd1', definitions: JSON.stringify({ models: [definition] }), schemas: [], appliedAt: 0, by: 'test' });
const workspace = new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 0 });

class Released extends Evaluations {
  of(digest: string): Evaluation {
    return { auc: digest === 'b1' ? 0.6 : 0.99, logLoss: 0.5, accuracy: 0.8, meanPrediction: 0.2, rate: 0.2 };
  }
}

type Handler = { observe?(state: FindingsState, read: Read<never>): FindingsState; decide?(state: FindingsState, read: Read<never>, now: number): Iterable<Event> };
const handlers = new Map<unknown, Handler>([
  [WindowSummarised, new WindowSummarisedHandler(new Released())], [DefinitionApplied, new DefinitionAppliedHandler()], [WorkspaceCreated, new WorkspaceCreatedHandler()],
  [CommandIssued, new CommandIssuedHandler()], [Tick, new TickHandler()],
] as [unknown, Handler][]);
const encoder = new EventEncoder();

/** Runs the decider as its loop does, each event through its encoding. */
class Findingses {
  state: FindingsState = Findings.initial;
  readonly inputs: Event[] = [];
  readonly own: Event[] = [];

  given(...events: Event[]): this {
    this.when(...events);
    return this;
  }

  when(...events: Event[]): Event[] {
    return events.flatMap((input) => {
      const isTick = input instanceof Tick;
      const event = isTick ? input : decodeEvent(encoder.encode(input));
      const handler = handlers.get([...handlers.keys()].find((type) => event instanceof (type as never)))!;
      const read = { event } as Read<never>;
      if (!isTick) this.inputs.push(event);
      this.state = handler.observe?.(this.state, read) ?? this.state;
      const said = [...(handler.decide?.(this.state, read, 0) ?? [])].map((each) => decodeEvent(encoder.encode(each)));
      for (const each of said) this.state = Findings.evolve(this.state, each as never);
      this.own.push(...said);
      return said;
    });
  }

  /** A restart: own events first, then the inputs. */
  restarted(): FindingsState {
    const evolved = this.own.reduce<FindingsState>((state, event) => Findings.evolve(state, event as never), Findings.initial);
    return this.inputs.reduce<FindingsState>((state, event) => {
      const handler = handlers.get([...handlers.keys()].find((type) => event instanceof (type as never)))!;
      return handler.observe?.(state, { event } as Read<never>) ?? state;
    }, evolved);
  }
}

let revision = 0;
/** A summary of `rows` labelled predictions with one score, of which the share `rate` came true. */
function summary(of: { slot: number; version?: number | null; role?: 'CHAMPION' | 'CANARY'; date: number; rows?: number; score?: number; rate?: number; epoch?: number; rolloutId?: string; arm?: number; failed?: number; slotTime?: number; revision?: number; auc?: 'sharp' | 'blunt' }): WindowSummarised {
  const { slot, version = 1, role = 'CHAMPION', date, rows = 500, score = 0.3, rate = 0.3, epoch = 1, rolloutId = 'r1', arm = rows, failed = 0, auc = 'sharp' } = of;
  const positives = Math.round(rows * rate);
  const histogram = new ScoreHistogram();
  for (let n = 0; n < rows && version !== null; n++) histogram.add(auc === 'blunt' ? score : n < positives ? 0.9 : 0.1, n < positives ? 1 : 0);
  const bytes = histogram.toBytes();
  const fields: WindowSummarisedFields = {
    model: 'm', slot, version, role: version === null ? null : role, bundle: version === null ? null : `b${version}`,
    arm: version === null ? null : { rolloutId, epoch, ok: arm, fallback: 0, failed, latencyMsSum: arm },
    windowStart: january(date), windowEnd: january(date + 1), ok: rows, fallback: 0, failed: 0, labelled: rows, scoreSum: rows * score, labelledScoreSum: rows * score, labelSum: positives,
    lossSum: rows * lossOf(0, 0.5), correct: rows, negatives: Buffer.from(bytes.negatives), positives: Buffer.from(bytes.positives),
    slotTime: of.slotTime ?? january(date + 1) + 12 * hour, revision: { vectors: of.revision ?? revision++, predictions: 0, labels: 0 },
  };
  return new WindowSummarised(fields);
}
const both = (of: Omit<Parameters<typeof summary>[0], 'slot'>): WindowSummarised[] => [summary({ ...of, slot: 0 }), summary({ ...of, slot: 1 })];
const declared = (): Findingses => new Findingses().given(workspace, applied);
const requests = (events: Event[]): RetrainRequested[] => events.filter((event) => event instanceof RetrainRequested);

describe('the findings', () => {
  describe('ask for the first training', () => {
    it('once, when enough labels of both slots are known and nobody predicts', () => {
      const findings = declared();
      expect(findings.when(summary({ slot: 0, version: null, date: 1, rows: 600 }))).toEqual([]);
      const said = findings.when(summary({ slot: 1, version: null, date: 1, rows: 400 }), summary({ slot: 1, version: null, date: 2, rows: 900 }));
      expect(said).toHaveLength(1);
      expect(said[0]).toMatchObject({ trigger: 'labels', since: -62_135_596_800_000, newLabels: 1000, championVersion: null, championBundle: null, definitionHash: 'd1' });
      expect((said[0] as RetrainRequested).evidence[0]).toContain('1000 labels are known');
    });

    it('not once a version predicts', () => {
      const findings = declared().given(summary({ slot: 0, date: 1, rows: 10 }));
      expect(requests(findings.when(...both({ version: null, date: 2, rows: 5000 })))).toEqual([]);
    });
  });

  describe('report a finished window', () => {
    it('once, when every slot has passed its end by the horizon, over all slots and roles', () => {
      const findings = declared();
      expect(findings.when(...both({ date: 4, slotTime: january(5) + 12 * hour - 1 }))).not.toContainEqual(expect.any(PerformanceReported));
      expect(findings.when(summary({ slot: 0, date: 4 }))).toEqual([]);
      const reported = findings.when(summary({ slot: 1, date: 4, role: 'CANARY', epoch: 0, rate: 0.34 }));
      expect(reported).toHaveLength(1);
      expect(reported[0]).toMatchObject({ version: 1, role: 'CHAMPION', windowStart: january(4), predictions: 1500, labelled: 1500, accuracy: 1, auc: 1, violations: [] });
      expect((reported[0] as PerformanceReported).meanPrediction).toBeCloseTo(0.3, 12);
      expect((reported[0] as PerformanceReported).rate).toBeCloseTo(470 / 1500, 12);
      expect((reported[0] as PerformanceReported).logLoss).toBeCloseTo(Math.LN2, 12);
      // Restated, but judged already.
      expect(findings.when(...both({ date: 4, rate: 0.9 }))).toEqual([]);
    });

    it('by the newest revision, whatever came last', () => {
      const findings = declared().given(summary({ slot: 0, date: 4, rows: 100, revision: 2_000_000, slotTime: january(4) }), summary({ slot: 0, date: 4, rows: 90, revision: 1_999_999, slotTime: january(4) }));
      const said = findings.when(summary({ slot: 0, date: 5, slotTime: january(5) + 12 * hour }), summary({ slot: 1, date: 5, slotTime: january(5) + 12 * hour }));
      expect(said.find((event) => event instanceof PerformanceReported)).toMatchObject({ windowStart: january(4), labelled: 100 });
    });
  });

  describe('ask for another training', () => {
    it('once per episode, when the champion is off by more than the trigger allows', () => {
      const findings = declared();
      const [, request] = findings.when(...both({ date: 4, score: 0.24, rate: 0.34 })).filter((event) => !(event instanceof ArmObserved));
      expect(request).toMatchObject({ trigger: 'miscalibrated', since: january(4), newLabels: 600, championVersion: 1, championBundle: 'b1', definitionHash: 'd1' });
      expect((request as RetrainRequested).evidence).toEqual(['2001-01-04: mean prediction 0.2400 against a rate of 0.3400, off by -0.1000 where 0.05 is allowed, over 1000 labelled predictions of version 1']);
      expect((request as RetrainRequested).episode).toMatch(/^[0-9a-f]{32}$/);
      const later = [5, 6, 10].flatMap((date) => findings.when(...both({ date, score: 0.24, rate: 0.34 })));
      expect(requests(later)).toEqual([]);
      expect(later.filter((event) => event instanceof PerformanceReported).map(({ violations }) => violations.length)).toEqual([1, 1, 1]);
      // The cooldown has passed and it is still wrong.
      expect(requests(findings.when(...both({ date: 11, score: 0.24, rate: 0.34 })))).toMatchObject([{ since: january(11) }]);
    });

    it('when another champion is wrong too, and not because of the old one', () => {
      const findings = declared().given(...both({ date: 4, score: 0.24, rate: 0.34 }));
      // The window is judged when version 2 leads: what version 1 did in it is reported and asks for nothing.
      const said = findings.given(...both({ version: 2, date: 6, epoch: 2, rows: 10, slotTime: january(6) })).when(...both({ date: 5, score: 0.24, rate: 0.34 }));
      expect(said).toHaveLength(1);
      expect(said[0]).toMatchObject({ version: 1, violations: [] });
      expect(requests(findings.when(...both({ version: 2, date: 6, epoch: 2, score: 0.2, rate: 0.3 })))).toMatchObject([{ championVersion: 2, championBundle: 'b2', since: january(6) }]);
    });

    it('when its AUC falls below the one at its release', () => {
      const findings = declared();
      expect(requests(findings.when(...both({ date: 4 })))).toEqual([]);
      const [request] = requests(findings.when(...both({ date: 5, auc: 'blunt' })));
      expect(request).toMatchObject({ trigger: 'worse', since: january(5) });
      expect(request!.evidence[0]).toContain('AUC 0.5000 is worse than 0.5700, which is 0.6000 at release');
    });

    it('not on a window that is not its own to nine tenths', () => {
      const findings = declared().given(...both({ version: null, date: 4, rows: 60, slotTime: january(4) }));
      expect(requests(findings.when(...both({ date: 4, score: 0.24, rate: 0.34 })))).toEqual([]);
    });

    it('when an operator does, once per command', () => {
      const findings = declared();
      const command = new CommandIssued({ commandId: 'c1', kind: 'RETRAIN', model: 'm', version: null, who: 'ada', why: 'new airline', issuedAt: 0 });
      expect(findings.when(command)).toMatchObject([{ trigger: 'manual', newLabels: 500, since: -62_135_596_800_000, championVersion: null, evidence: ['ada asks: new airline'] }]);
      findings.given(...both({ date: 4 }), ...both({ version: null, date: 3, rows: 70 }));
      expect(findings.when(command)).toEqual([]);
      expect(findings.when(new CommandIssued({ ...command, commandId: 'c2' }))).toMatchObject([{ trigger: 'manual', newLabels: 1140, championVersion: 1, championBundle: 'b1' }]);
      expect(findings.when(new CommandIssued({ ...command, commandId: 'c3', kind: 'ROLL_BACK' }), new CommandIssued({ ...command, commandId: 'c4', model: 'other' }))).toEqual([]);
    });
  });

  describe('count the arms of a rollout', () => {
    const open = january(8) + hour;
    const champion = (slot: number, arm: number, failed = 0): WindowSummarised => summary({ slot, date: 8, epoch: 2, rolloutId: 'r2', arm, failed, slotTime: open });
    const canary = (slot: number, arm: number, failed = 0): WindowSummarised => summary({ slot, version: 2, role: 'CANARY', date: 8, epoch: 2, rolloutId: 'r2', arm, failed, slotTime: open });

    it('once per second, by slot, and without repeating itself', () => {
      const findings = declared().given(champion(0, 200), canary(1, 10, 2));
      expect(findings.own.filter((event) => event instanceof ArmObserved)).toEqual([]);
      expect(findings.when(new Tick(1))).toMatchObject([
        { role: 'CHAMPION', version: 1, rolloutId: 'r2', epoch: 2, slots: [{ slot: 0, ok: 200, fallback: 0, failed: 0 }] },
        { role: 'CANARY', version: 2, slots: [{ slot: 1, ok: 10, failed: 2 }] },
      ]);
      expect(findings.when(new Tick(2))).toEqual([]);
      expect(findings.when(canary(0, 7))).toEqual([]);
      expect(findings.when(new Tick(3))).toMatchObject([{ role: 'CANARY', slots: [{ slot: 0, ok: 7 }, { slot: 1, ok: 10, failed: 2 }] }]);
    });

    it('at once when the smaller arm has enough for a verdict', () => {
      const findings = declared().given(champion(0, 200), champion(1, 200), canary(0, 20), new Tick(1));
      expect(findings.when(canary(1, 29))).toEqual([]);
      expect(findings.when(canary(1, 30))).toMatchObject([{ role: 'CANARY', slots: [{ ok: 20 }, { ok: 30 }] }]);
      expect(findings.when(canary(1, 31))).toEqual([]);
    });

    it('only of the newest route, and once of a route without a canary', () => {
      const findings = declared().given(champion(0, 200), canary(0, 60), new Tick(1));
      expect(findings.when(summary({ slot: 1, version: 2, role: 'CHAMPION', date: 8, epoch: 3, rolloutId: 'r2', arm: 5, slotTime: open }), new Tick(2))).toMatchObject([{ role: 'CHAMPION', version: 2, epoch: 3, slots: [{ slot: 1, ok: 5 }] }]);
      expect(findings.when(summary({ slot: 1, version: 2, role: 'CHAMPION', date: 8, epoch: 3, rolloutId: 'r2', arm: 500, slotTime: open }), canary(1, 3), new Tick(3))).toEqual([]);
    });
  });

  it('are the same after a restart', () => {
    const findings = declared().given(...both({ version: null, date: 1, rows: 1000 }), ...both({ date: 4, score: 0.24, rate: 0.34 }), summary({ slot: 0, version: 2, role: 'CANARY', date: 8, epoch: 2 }), new Tick(1), new CommandIssued({ commandId: 'c1', kind: 'RETRAIN', model: 'm', version: null, who: 'ada', why: '', issuedAt: 0 }));
    expect(findings.own.length).toBeGreaterThan(3);
    expect(findings.restarted()).toEqual(findings.state);
  });

  it('count the labels of windows that are no longer kept', () => {
    const findings = declared();
    for (let date = 1; date <= 90; date++) findings.given(summary({ slot: 0, version: null, date, rows: 10 }));
    expect(findings.state.seen.models.get('m')!.get(0)!.windows.size).toBe(62);
    expect(requests(findings.when(summary({ slot: 1, version: null, date: 90, rows: 100 })))).toMatchObject([{ trigger: 'labels' }]);
  });
});

import { createHash } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { DefinitionApplied, LabelObserved, PredictionMade, VectorComputed, type Event, type WindowSummarised } from '@millrace/contracts';
import { ScoreHistogram, areaUnderCurve, logLoss } from '@millrace/statistics';
import { beginningOfTime } from './beginning-of-time.ts';
import { SlotState } from './slot-state.ts';

const hour = 3_600_000;
const day = 24 * hour;
const horizonMs = 12 * hour;
const start = Date.UTC(2001, 0, 1);
const idOf = (n: number): Buffer => createHash('sha256').update(String(n)).digest().subarray(0, 16);
const definition = new DefinitionApplied({ hash: 'h', definitions: JSON.stringify({ models: [{ name: 'm', label: { horizonMs } }] }), schemas: [], appliedAt: 0, by: 'test' });
const topics = ['feature-vectors.m', 'predictions.m', 'labels.m'] as const;

/** A deterministic stream of numbers in [0, 1). */
function numbers(seed: number): () => number {
  let n = 0;
  return () => createHash('sha256').update(`${seed}/${n++}`).digest().readUInt32LE(0) / 2 ** 32;
}

interface Flight {
  n: number;
  time: number;
  score: number;
  value: 0 | 1;
  labelTime: number;
}

/** Four days of events, one every four minutes; version 1 predicts from the second day on, version 2 takes half of the last. */
function flights(): Flight[] {
  const next = numbers(1);
  return Array.from({ length: 1440 }, (_, n) => {
    const score = Math.fround(next());
    const value = next() < score ? 1 : 0;
    // Every twentieth outcome comes after the horizon.
    return { n, time: start + n * 240_000, score, value, labelTime: start + n * 240_000 + Math.floor(n % 20 === 7 ? horizonMs + 1 + next() * hour : next() * 11 * hour) };
  });
}
const versionOf = ({ n, time }: Flight): { version: number; role: 'CHAMPION' | 'CANARY'; epoch: number } | undefined => {
  if (time < start + day) return undefined;
  if (time < start + 3 * day) return { version: 1, role: 'CHAMPION', epoch: 1 };
  return n % 2 === 0 ? { version: 1, role: 'CHAMPION', epoch: 2 } : { version: 2, role: 'CANARY', epoch: 2 };
};

/** The three inputs of the slot, each in the order of its topic. */
function inputs(all: Flight[]): [Event[], Event[], Event[]] {
  const vectors = all.map(({ n, time }) => new VectorComputed({ model: 'm', eventId: idOf(n), entityKeys: [], eventTime: time, acceptedAt: 0, position: n, vectors: [] }));
  // A vector that comes days late counts nowhere, whatever else was read before it.
  vectors.push(new VectorComputed({ model: 'm', eventId: idOf(-1), entityKeys: [], eventTime: start + 1, acceptedAt: 0, position: 9_999, vectors: [] }));
  const predictions = all.flatMap((flight) => {
    const arm = versionOf(flight);
    const failed = flight.n % 50 === 0;
    return arm ? [new PredictionMade({ model: 'm', eventId: idOf(flight.n), eventTime: flight.time, acceptedAt: 0, position: flight.n, outcome: failed ? 'FAILED' : 'OK', score: failed ? null : flight.score, failure: failed ? 'none' : null, ...arm, bundle: `b${arm.version}`, rolloutId: `r${arm.epoch}`, latencyMs: 0.1 * flight.n })] : [];
  });
  let laneTime = start;
  const labels = [...all].sort((a, b) => a.labelTime - b.labelTime).flatMap((flight, position) => {
    laneTime = Math.max(laneTime, flight.labelTime);
    const label = (value: 0 | 1, labelTime: number): LabelObserved => new LabelObserved({ model: 'm', eventId: idOf(flight.n), value, labelTime, position: 10_000 + position, laneTime });
    // Some labels are corrected, some repeated by an older and wrong one.
    const wrong: 0 | 1 = flight.value === 1 ? 0 : 1;
    if (flight.n % 11 === 0) return [label(wrong, flight.labelTime - 1), label(flight.value, flight.labelTime)];
    return flight.n % 13 === 0 ? [label(flight.value, flight.labelTime), label(wrong, flight.labelTime - 1)] : [label(flight.value, flight.labelTime)];
  });
  return [vectors, predictions, labels];
}

function fold(slot: SlotState, event: Event): void {
  if (event instanceof VectorComputed) slot.fold.vector(event);
  else if (event instanceof PredictionMade) slot.fold.prediction(event);
  else slot.fold.label(event as LabelObserved);
}

function newSlot(): SlotState {
  const slot = new SlotState('m', 0);
  slot.defined(definition);
  return slot;
}

/** The inputs in one order: `choose` says from which the next record comes. */
function* merged(of: Event[][], choose: (heads: number[]) => number): Generator<Event> {
  const at = of.map(() => 0);
  for (;;) {
    const open = of.flatMap((events, index) => (at[index]! < events.length ? [index] : []));
    if (open.length === 0) return;
    const index = choose(open);
    yield of[index]![at[index]!++]!;
  }
}
const inTurn = (of: Event[][]): Generator<Event> => {
  let n = 0;
  return merged(of, (open) => open[n++ % open.length]!);
};

describe('a slot of the monitor', () => {
  const all = flights();
  const of = inputs(all);

  it('knows the same whatever the order in which its inputs were read', () => {
    const expected = newSlot();
    for (const event of inTurn(of)) fold(expected, event);
    expect(expected.fold.events.size).toBeLessThan(all.length); // old ones were forgotten
    const orders: ((open: number[]) => number)[] = [(open) => open[0]!, (open) => open.at(-1)!, (open) => open[Math.min(1, open.length - 1)]!];
    for (const seed of [2, 3, 4]) {
      const next = numbers(seed);
      orders.push((open) => open[Math.floor(next() * open.length)]!);
    }
    for (const choose of orders) {
      const slot = newSlot();
      for (const event of merged(of, choose)) fold(slot, event);
      expect(slot.hash()).toBe(expected.hash());
    }
  });

  it('is as before after an undone batch', () => {
    const slot = newSlot();
    const events = [...inTurn(of)];
    let at = 0;
    for (const end of [1000, 1001, 2500, events.length]) {
      const before = slot.hash();
      const journal = slot.journal();
      const said = [...slot.due({ partition: 0, positions: new Map([['labels.m', end]]) })].map(({ version, windowStart }) => [version, windowStart]);
      for (const event of events.slice(at, end)) fold(slot, event);
      expect(slot.hash()).not.toBe(before);
      journal.undo();
      expect(slot.hash()).toBe(before);
      // What was said in the batch was not said.
      const again = slot.journal();
      expect([...slot.due({ partition: 0, positions: new Map([['labels.m', end]]) })].map(({ version, windowStart }) => [version, windowStart])).toEqual(said);
      for (const event of events.slice(at, end)) fold(slot, event);
      again.commit();
      at = end;
    }
    const whole = newSlot();
    for (const event of events) fold(whole, event);
    expect(slot.hash()).toBe(whole.hash());
  });

  it('goes on from a snapshot as if it had never stopped', async () => {
    const events = [...inTurn(of)];
    const slot = newSlot();
    for (const event of events.slice(0, 2700)) fold(slot, event);
    const restored = newSlot();
    const pages = Array.from(slot.snapshot(), (page) => Buffer.from(page));
    await restored.restore((async function* () {
      // Pages may be cut anywhere.
      for (const page of pages) {
        yield page.subarray(0, 1001);
        yield page.subarray(1001);
      }
    })());
    expect(restored.hash()).toBe(slot.hash());
    for (const event of events.slice(2700)) for (const each of [slot, restored]) fold(each, event);
    expect(restored.hash()).toBe(slot.hash());
    await expect(newSlot().restore((async function* () {
      yield Buffer.from('{"head":{"format":0,"clocks":[null,null,null],"sweptTo":null}}\n');
    })())).rejects.toMatchObject({ code: 'SNAPSHOT_INVALID' });
  });

  describe('summarises', () => {
    /** Reads in batches as a loop does and keeps the newest summary of each key. */
    function run(batchSize: number): { said: WindowSummarised[]; newest: Map<string, WindowSummarised> } {
      const slot = newSlot();
      const said: WindowSummarised[] = [];
      const positions = new Map<string, number>(topics.map((topic) => [topic, 0]));
      const events = [...merged(of, timeOrder())];
      for (let at = 0; at < events.length + 2 * batchSize; at += batchSize) {
        said.push(...slot.due({ partition: 0, positions: new Map(positions) }));
        for (const event of events.slice(at, at + batchSize)) {
          fold(slot, event);
          const topic = event instanceof VectorComputed ? topics[0] : event instanceof PredictionMade ? topics[1] : topics[2];
          positions.set(topic, positions.get(topic)! + 1);
        }
      }
      const newest = new Map<string, WindowSummarised>();
      for (const summary of said) newest.set(`${summary.version}/${summary.role}/${(summary.windowStart - start) / day}`, summary);
      return { said, newest };
    }

    /** Vectors and predictions of a time before its labels, as in life. */
    function timeOrder(): (open: number[]) => number {
      const at = [0, 0, 0];
      return (open) => {
        const time = (index: number): number => {
          const event = of[index]![at[index]!]!;
          return event instanceof LabelObserved ? event.laneTime : (event as VectorComputed).eventTime;
        };
        const index = [...open].sort((a, b) => time(a) - time(b) || a - b)[0]!;
        at[index]!++;
        return index;
      };
    }

    const { said, newest } = run(40);
    const judged = (key: string): Flight[] =>
      all.filter((flight) => {
        const arm = versionOf(flight);
        const isKnown = flight.labelTime - flight.time <= horizonMs || flight.n % 13 === 0 && flight.labelTime - 1 - flight.time <= horizonMs;
        return isKnown && `${arm?.version ?? null}/${arm?.role ?? null}/${Math.floor((flight.time - start) / day)}` === key && !(arm && flight.n % 50 === 0);
      });

    it.each(['1/CHAMPION/1', '1/CHAMPION/2', '1/CHAMPION/3', '2/CANARY/3'])('the figures of %s', (key) => {
      const summary = newest.get(key)!;
      const rows = judged(key);
      expect(summary.labelled).toBe(rows.length);
      expect(summary.ok + summary.failed).toBe(all.filter((flight) => key === `${versionOf(flight)?.version}/${versionOf(flight)?.role}/${Math.floor((flight.time - start) / day)}`).length);
      const values = rows.map(({ value }) => value);
      const scores = rows.map(({ score }) => score);
      expect(summary.labelSum).toBe(values.reduce<number>((sum, value) => sum + value, 0));
      expect(summary.labelledScoreSum / summary.labelled).toBeCloseTo(scores.reduce((sum, score) => sum + score, 0) / scores.length, 7);
      expect(summary.lossSum / summary.labelled).toBeCloseTo(logLoss(values, scores), 7);
      expect(ScoreHistogram.fromBytes(summary).auc()).toBeCloseTo(areaUnderCurve(values, scores), 3);
    });

    it('labelled events that nobody predicted', () => {
      expect(newest.get('null/null/0')!.labelled).toBe(judged('null/null/0').length);
      expect(newest.get('null/null/1')!.labelled).toBe(0);
    });

    it('an arm since its epoch began, over all windows', () => {
      const answered = (epoch: number, role: string): { ok: number; failed: number } => {
        const own = all.filter((flight) => versionOf(flight)?.epoch === epoch && versionOf(flight)?.role === role);
        const failed = own.filter(({ n }) => n % 50 === 0).length;
        return { ok: own.length - failed, failed };
      };
      expect(newest.get('1/CHAMPION/3')!.arm).toMatchObject({ rolloutId: 'r2', epoch: 2, ...answered(2, 'CHAMPION'), fallback: 0 });
      expect(newest.get('2/CANARY/3')!.arm).toMatchObject({ rolloutId: 'r2', epoch: 2, ...answered(2, 'CANARY'), fallback: 0 });
      // The first epoch lasted two windows; what was said last of it is less than the next restatement away from its end.
      const last = said.filter((summary) => summary.arm?.epoch === 1).at(-1)!.arm!;
      const first = answered(1, 'CHAMPION');
      expect(last.ok + last.failed).toBeGreaterThan(first.ok + first.failed - 100);
    });

    it('older windows first, so that a slot time vouches for all windows that ended a horizon before', () => {
      const figures = new Map<string, number>();
      const last = new Map([...newest].map(([key, summary]) => [key, summary.labelled]));
      for (const summary of said) {
        figures.set(`${summary.version}/${summary.role}/${(summary.windowStart - start) / day}`, summary.labelled);
        for (const [key, labelled] of last) {
          const end = start + (Number(key.split('/')[2]) + 1) * day;
          if (summary.slotTime >= end + horizonMs) expect([key, figures.get(key)]).toEqual([key, labelled]);
        }
      }
    });

    it('a slot time only with the last of what is said together, since a reader judges all arms of a closed window at once', () => {
      const slot = newSlot();
      const positions = new Map<string, number>(topics.map((topic) => [topic, 0]));
      // Two arms of the last day, and its labels, in one batch; then the day after, so that the window closes.
      for (const event of of.flat()) fold(slot, event);
      const after = start + 5 * day;
      fold(slot, new VectorComputed({ model: 'm', eventId: idOf(5000), entityKeys: [], eventTime: after, acceptedAt: 0, position: 5000, vectors: [] }));
      fold(slot, new PredictionMade({ model: 'm', eventId: idOf(5000), eventTime: after, acceptedAt: 0, position: 5000, outcome: 'OK', score: 0.5, failure: null, version: 1, role: 'CHAMPION', bundle: 'b1', rolloutId: 'r2', epoch: 2, latencyMs: 1 }));
      fold(slot, new LabelObserved({ model: 'm', eventId: idOf(1), value: 1, labelTime: after, position: 5001, laneTime: after }));
      const closed = start + 4 * day + horizonMs;
      const together = [...slot.due({ partition: 0, positions })];
      const arms = together.filter(({ windowStart }) => windowStart === start + 3 * day).map(({ version }) => version);
      expect(arms).toEqual(expect.arrayContaining([1, 2]));
      expect(together.findIndex(({ slotTime }) => slotTime >= closed)).toBe(together.length - 1);
    });

    it('no slot time before its first prediction: those of windows that other slots answered in may be on their way', () => {
      const slot = newSlot();
      fold(slot, new VectorComputed({ model: 'm', eventId: idOf(1), entityKeys: [], eventTime: start + 3 * day, acceptedAt: 0, position: 1, vectors: [] }));
      fold(slot, new LabelObserved({ model: 'm', eventId: idOf(1), value: 1, labelTime: start + 3 * day, position: 2, laneTime: start + 3 * day }));
      const unpredicted = [...slot.due({ partition: 0, positions: new Map() })];
      expect(unpredicted).toMatchObject([{ version: null, labelled: 1 }]);
      fold(slot, new PredictionMade({ model: 'm', eventId: idOf(1), eventTime: start + 3 * day, acceptedAt: 0, position: 1, outcome: 'OK', score: 0.5, failure: null, version: 1, role: 'CHAMPION', bundle: 'b1', rolloutId: 'r1', epoch: 1, latencyMs: 1 }));
      const predicted = [...slot.due({ partition: 0, positions: new Map([['x', 1]]) })];
      expect([unpredicted, predicted].map((summaries) => summaries.at(-1)!.slotTime)).toEqual([beginningOfTime, start + 3 * day]);
    });

    it('seldom while records flow, and everything once they rest', () => {
      expect(said.length).toBeLessThan(of.flat().length / 10);
      const figures = (summaries: Map<string, WindowSummarised>): unknown => [...summaries].map(([key, { labelled, ok, lossSum, positives }]) => [key, labelled, ok, lossSum, positives.toString('hex')]).sort();
      expect(figures(run(7).newest)).toEqual(figures(newest));
    });
  });

  it('gives up the oldest events when memory is full', () => {
    const slot = new SlotState('m', 0, 100);
    for (const event of of[2]) fold(slot, event);
    expect(slot.fold.events.size).toBeLessThanOrEqual(100);
    expect(slot.fold.events.size).toBeGreaterThanOrEqual(90);
  });
});

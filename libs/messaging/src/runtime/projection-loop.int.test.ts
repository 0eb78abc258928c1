import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import { MillraceError, RolloutAborted, RolloutStarted, RouteAdopted, VectorComputed } from '@millrace/contracts';
import { until } from '@millrace/testing';
import { ProjectionStore } from '../handlers/projection-store.ts';
import type { Read } from '../handlers/read.ts';
import { TopicAdmin } from '../kafka/topic-admin.ts';
import type { ProjectionHandler } from './projection-loop.ts';
import type { ServiceRuntime } from './service-runtime.ts';
import { rollout, vector } from './testing/slot-world.ts';
import { World } from './testing/world.ts';

jest.setTimeout(30_000);
let world: World;
beforeEach(async () => {
  world = await World.open({ slots: 2 });
}, 240_000);
afterEach(() => world.close());

type Step = Parameters<ProjectionStore<string[]>['transact']>[0];

/** Rows and positions that change together or not at all; it may fail before or after that, as databases do. */
class Rows extends ProjectionStore<string[]> {
  override readonly shared = false;
  readonly rows: string[] = [];
  readonly steps: Step[] = [];
  readonly positions = new Map<string, number>();
  fails: 'before' | 'after' | undefined;

  async position(_: string, topic: string, partition: number): Promise<number> {
    return this.positions.get(`${topic}/${partition}`) ?? 0;
  }

  async transact(step: Step, work: (tx: string[]) => Promise<void>): Promise<void> {
    const place = `${step.topic}/${step.partition}`;
    if ((this.positions.get(place) ?? 0) !== step.expected) throw new MillraceError('POSITION_MOVED', `${place} has moved`);
    const rows: string[] = [];
    await work(rows);
    this.failOnce('before');
    this.rows.push(...rows);
    this.positions.set(place, step.next);
    this.steps.push(step);
    this.failOnce('after');
  }

  private failOnce(at: Rows['fails']): void {
    if (this.fails !== at) return;
    this.fails = undefined;
    throw new Error('the connection to the database was lost');
  }
}

const noted = (read: Read): string => {
  const { event } = read;
  return event instanceof RolloutStarted ? `started ${event.rolloutId}` : event instanceof RolloutAborted ? `aborted ${event.rolloutId}` : `vector ${(event as VectorComputed).entityKeys[0]}`;
};
const handler = (event: ProjectionHandler['event'], project: (reads: Read[], rows: string[]) => void = (reads, rows) => void rows.push(...reads.map(noted))): ProjectionHandler => ({
  event,
  project: async (batch, tx) => project([...batch], tx as string[]),
});
const aborted = (rolloutId: string): RolloutAborted => new RolloutAborted({ model: 'm', rolloutId, version: 1, reason: '', by: '' });
const start = (store: Rows, ...handlers: ProjectionHandler[]) => world.start({ service: 'console', projections: [{ name: 'rows', store: store as ProjectionStore<unknown>, handlers }] });
const standing = (runtime: ServiceRuntime) => runtime.states()[0]!;

describe('a projection', () => {
  it('moves the position of each partition with its rows', async () => {
    const store = new Rows();
    await world.postTo('feature-vectors.<model>', 0, vector('a'), vector('b'));
    await world.postTo('feature-vectors.<model>', 1, vector('c'));
    await start(store, handler(VectorComputed));
    await until(() => store.rows.length === 3, { what: 'three rows' });
    await world.postTo('feature-vectors.<model>', 1, vector('d'));
    await until(() => store.rows.length === 4, { what: 'four rows' });
    expect([...store.rows].sort()).toEqual(['vector a', 'vector b', 'vector c', 'vector d']);
    const of = (partition: number) => store.steps.filter((step) => step.partition === partition).map(({ expected, next }) => [expected, next]);
    expect([of(0), of(1)]).toEqual([[[0, 2]], [[0, 1], [1, 2]]]);
    expect(store.steps.every(({ topic, projection }) => topic === 'feature-vectors.m' && projection === 'console.rows')).toBe(true);
  });

  it('hands over the events of a topic in their order, whatever their kinds', async () => {
    const store = new Rows();
    const events = [rollout(1), aborted('r1'), rollout(2), rollout(3), aborted('r3')];
    await world.post('rollouts', ...events);
    await start(store, handler(RolloutStarted), handler(RolloutAborted));
    await until(() => store.rows.length === events.length, { what: 'all rows' });
    expect(store.rows).toEqual(['started r1', 'aborted r1', 'started r2', 'started r3', 'aborted r3']);
    expect(store.steps).toHaveLength(1);
  });

  it.each(['before', 'after'] as const)('whose store fails %s its commit comes back without a lost or double row', async (fails) => {
    const store = new Rows();
    store.fails = fails;
    const runtime = await start(store, handler(VectorComputed));
    await world.post('feature-vectors.<model>', vector('a'), vector('b'));
    await until(() => world.lines.some((line) => line.includes('connection to the database was lost')), { what: 'the failure' });
    await world.post('feature-vectors.<model>', vector('c'));
    await until(() => store.positions.get('feature-vectors.m/0') === 3, { what: 'the last position' });
    expect(store.rows).toEqual(['vector a', 'vector b', 'vector c']);
    expect(standing(runtime)).toMatchObject({ state: 'running', error: undefined });
  });

  it('whose store cannot write what waited reads it again, also when nothing more comes', async () => {
    const store = new Rows();
    let waited = 0;
    store.due = async () => {
      if (store.rows.length === 1 && waited++ === 0) {
        // What it held and had not written is lost, as in an archive whose disk is full.
        store.rows.length = 0;
        store.positions.clear();
        throw new MillraceError('ARCHIVE_WRITE_FAILED', 'the disk is full', { retriable: true });
      }
    };
    const runtime = await start(store, handler(VectorComputed));
    await world.post('feature-vectors.<model>', vector('a'));
    await until(() => waited > 0 && store.rows.length === 1, { what: 'the row again' });
    expect(standing(runtime)).toMatchObject({ state: 'running', error: undefined });
  });

  it('goes on from the position of its store after a restart', async () => {
    const store = new Rows();
    const first = await start(store, handler(VectorComputed));
    await world.post('feature-vectors.<model>', vector('a'));
    await until(() => store.rows.length === 1, { what: 'a row' });
    await first.stop();
    await world.post('feature-vectors.<model>', vector('b'));
    await start(store, handler(VectorComputed));
    await until(() => store.rows.length === 2, { what: 'two rows' });
    expect(store.rows).toEqual(['vector a', 'vector b']);
  });

  it('begins where the log does when it holds nothing, and is refused when records in between are gone', async () => {
    const place = { topic: world.topic('feature-vectors.<model>'), partition: 0 };
    const admin = new TopicAdmin(world.cluster);
    await world.post('feature-vectors.<model>', vector('a'), vector('b'), vector('c'), vector('d'));
    await admin.deleteRecords([{ ...place, offset: 2 }]);
    const store = new Rows();
    const first = await start(store, handler(VectorComputed));
    await until(() => store.rows.length === 2, { what: 'two rows' });
    expect(store.rows).toEqual(['vector c', 'vector d']);
    expect(world.lines.join('\n')).toContain('begins at offset 2: what stood before was deleted by retention');
    await first.stop();

    await world.post('feature-vectors.<model>', vector('e'), vector('f'));
    await admin.deleteRecords([{ ...place, offset: 5 }]);
    await admin.close();
    const second = await start(store, handler(VectorComputed));
    await until(() => standing(second).state === 'failed', { what: 'refusal' });
    expect(standing(second).error).toContain('has offsets 5 to 5, but 4 was asked for');
    expect(store.rows).toEqual(['vector c', 'vector d']);
  });

  it('stops when a rule fails, and tries again after an error that may pass', async () => {
    const store = new Rows();
    let times = 2;
    const picky = handler(VectorComputed, (reads, rows) => {
      if (times-- > 0) throw new MillraceError('NOT_NOW', 'the archive is away', { retriable: true });
      if (reads.some((read) => noted(read) === 'vector b')) throw new TypeError('no such column');
      rows.push(...reads.map(noted));
    });
    const runtime = await start(store, picky, handler(RouteAdopted));
    await world.post('feature-vectors.<model>', vector('a'));
    await until(() => store.rows.length === 1, { what: 'a row' });
    await world.post('feature-vectors.<model>', vector('b'));
    await until(() => standing(runtime).state === 'failed', { what: 'end of the loop' });
    expect(standing(runtime).error).toBe('the handler of vector-computed failed: no such column');
    expect(store.positions.get('feature-vectors.m/0')).toBe(1);
  });
});

import { points, type Action, type Point } from '@millrace/fail-points';
import type { ServiceName } from '../drive/service-names.ts';
import type { Random } from '../random.ts';

type Kind = Exclude<Action['kind'], 'wait'>;

/** Where the points of a step are reached, and how often one process comes by. */
interface Reach {
  readonly services: readonly ServiceName[];
  /** Visits at which a rule acts, at least and at most. A later visit than a process lives for would be a fault that never happens. */
  readonly visits: readonly [number, number];
  readonly actions: readonly Kind[];
}

const any: readonly Kind[] = ['kill', 'kill', 'stop', 'fail', 'hang'];
const readers: readonly ServiceName[] = ['ingestion', 'feature-store', 'inference', 'monitor'];
const deciders: readonly ServiceName[] = ['console', 'monitor', 'trainer', 'registry', 'deployer'];

const steps: Readonly<Record<string, Reach>> = {
  transaction: { services: ['console', ...readers, 'trainer', 'registry', 'deployer'], visits: [1, 8], actions: any },
  batch: { services: readers, visits: [1, 12], actions: any },
  // Once at each start of a loop.
  restore: { services: ['feature-store', 'monitor'], visits: [1, 1], actions: any },
  decision: { services: deciders, visits: [1, 3], actions: any },
  projection: { services: ['console', 'feature-store', 'registry', 'inference'], visits: [1, 4], actions: any },
  // At the end of a process, else every 20 s.
  snapshot: { services: ['feature-store', 'monitor'], visits: [1, 1], actions: any },
  segment: { services: ['feature-store'], visits: [1, 6], actions: any },
  // Once in each process of a job; every attempt is a process of its own.
  bundle: { services: ['trainer'], visits: [1, 1], actions: any },
  job: { services: ['trainer', 'registry'], visits: [1, 1], actions: any },
  due: { services: ['inference', 'monitor'], visits: [1, 2], actions: any },
  // Each scorer counts anew: at the first visit none would ever answer.
  scoring: { services: ['inference'], visits: [3, 10], actions: any },
  door: { services: ['ingestion'], visits: [1, 12], actions: any },
};

/** What differs from the other points of its step. */
const own: Partial<Record<Point, Partial<Reach>>> = {
  'transaction.connected': { visits: [1, 1] },
  'transaction.fenced': { visits: [1, 1] },
  'scoring.computed': { actions: ['fail'] },
};

/** A rule for the next start of a service. */
export interface PlannedPoint {
  readonly point: Point;
  readonly service: ServiceName;
  /** For MILLRACE_FAIL_POINTS. */
  readonly rule: string;
}

/** All points in an order of chance: the first ones of it are what a run tries, so that over many runs each has its turn. */
export function shuffledPoints(random: Random): Point[] {
  return random.shuffled(Object.keys(points) as Point[]);
}

/** Draws where, when and how a point acts. */
export function planFor(point: Point, random: Random): PlannedPoint {
  const { services, visits, actions } = { ...steps[point.split('.')[0]!]!, ...own[point] };
  return { point, service: random.pick(services), rule: `${point}=${random.pick(actions)}@${random.whole(...visits)}` };
}

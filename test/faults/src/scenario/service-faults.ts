import { setTimeout as delay } from 'node:timers/promises';
import { points, type Point } from '@millrace/fail-points';
import type { DrivenService } from '../drive/driven-service.ts';
import type { ServiceName } from '../drive/service-names.ts';
import type { FaultContext, Scenario } from './scenario.ts';

const waits = 'transaction.*=wait(0-4); transaction.offsets=fail%4; transaction.commit=fail%4';

/** Which services reach a point. A point that a service never reaches would be a fault that never happens. */
const reached: Readonly<Record<string, readonly ServiceName[]>> = {
  transaction: ['console', 'ingestion', 'feature-store', 'inference', 'monitor', 'trainer', 'registry', 'deployer'],
  batch: ['ingestion', 'feature-store', 'inference', 'monitor'],
  restore: ['feature-store', 'monitor'],
  decision: ['console', 'monitor', 'trainer', 'registry', 'deployer'],
  projection: ['console', 'feature-store', 'registry', 'inference'],
  snapshot: ['feature-store', 'monitor'],
  segment: ['feature-store'],
  bundle: ['trainer'],
  job: ['trainer', 'registry'],
  due: ['inference', 'monitor'],
  scoring: ['inference'],
  door: ['ingestion'],
};

const anyOf = ({ deployment, random }: FaultContext): DrivenService => random.pick(deployment.services);

export const kill: Scenario = {
  name: 'kill',
  about: 'SIGKILL of any service, waits between all steps of the transaction protocol',
  every: [0.5, 2.5],
  failPoints: waits,
  async inject(context) {
    const service = anyOf(context);
    context.note(`SIGKILL ${service.label}`);
    return service.end('SIGKILL');
  },
};

export const term: Scenario = {
  name: 'term',
  about: 'SIGTERM of any service, which ends in order and starts again',
  every: [0.5, 3],
  async inject(context) {
    const service = anyOf(context);
    context.note(`SIGTERM ${service.label}`);
    return service.end('SIGTERM');
  },
};

export const zombie: Scenario = {
  name: 'zombie',
  about: 'SIGSTOP of any service for 1 to 12 s, longer than sessions and transactions last, then SIGCONT',
  every: [0.5, 3],
  failPoints: waits,
  async inject(context) {
    return pauseFor(context, anyOf(context), context.random.between(1, 12));
  },
};

export const failPoint: Scenario = {
  name: 'fail-point',
  about: 'a service ends, stands still or fails exactly at a named step',
  every: [1, 3],
  async inject(context) {
    const { random, deployment, note } = context;
    const point = random.pick(Object.keys(points) as Point[]);
    const service = random.pick(deployment.services.filter(({ name }) => reached[point.split('.')[0]!]!.includes(name)));
    const action = random.pick(['kill', 'kill', 'stop', 'fail']);
    const rule = `${point}=${action}@${random.whole(1, 12)}; transaction.*=wait(0-2)`;
    note(`${service.label} starts with ${rule}`);
    service.armNext({ MILLRACE_FAIL_POINTS: rule });
    return service.end(random.pick(['SIGKILL', 'SIGTERM']));
  },
};

export const abort: Scenario = {
  name: 'abort',
  about: 'every step of every transaction fails now and then: before and after sends, offsets and commits',
  every: [2, 5],
  failPoints: 'transaction.send=fail%5; transaction.offsets=fail%5; transaction.commit=fail%5; transaction.committed=fail%2; batch.handled=fail%1; due.said=fail%2; decision.decided=fail%1; transaction.fenced=fail%2; batch.ended=fail%1',
  async inject(context) {
    const service = anyOf(context);
    context.note(`SIGKILL ${service.label}`);
    return service.end('SIGKILL');
  },
};

export const rollingRestart: Scenario = {
  name: 'rolling-restart',
  about: 'a deployment in the middle: all instances of all services are replaced one after the other',
  every: [2, 6],
  instances: 2,
  async inject({ deployment, note, signal }) {
    note('rolling restart of all services');
    for (const service of deployment.services) {
      if (signal.aborted) break;
      await service.end('SIGTERM');
      await service.start();
    }
    return true;
  },
};

export const twoInstances: Scenario = {
  name: 'two-instances',
  about: 'two instances of every service, killed, ended and stopped while others join',
  every: [0.5, 2.5],
  instances: 2,
  failPoints: waits,
  async inject(context) {
    const { random, note } = context;
    const service = anyOf(context);
    const kind = random.pick(['SIGKILL', 'SIGTERM', 'SIGSTOP'] as const);
    if (kind === 'SIGSTOP') return pauseFor(context, service, random.between(2, 10));
    note(`${kind} ${service.label}`);
    return service.end(kind);
  },
};

async function pauseFor({ note, signal }: FaultContext, service: DrivenService, seconds: number): Promise<boolean> {
  if (!service.isRunning) return false;
  note(`SIGSTOP ${service.label} for ${seconds.toFixed(1)} s`);
  service.pause();
  await delay(seconds * 1000, undefined, { signal }).catch(() => undefined);
  service.resume();
  return true;
}

import { setTimeout as delay } from 'node:timers/promises';
import type { Point } from '@millrace/fail-points';
import type { Deployment } from '../drive/deployment.ts';
import type { DrivenService } from '../drive/driven-service.ts';
import { planFor, shuffledPoints } from './fail-point-plan.ts';
import { fewAborts, type FaultContext, type Scenario } from './scenario.ts';

const waits = `transaction.*=wait(0-4); ${fewAborts}`;

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
  about: 'SIGTERM of any service, which ends in order and starts again, waits between all steps of the transaction protocol',
  every: [0.5, 3],
  failPoints: waits,
  async inject(context) {
    const service = anyOf(context);
    context.note(`SIGTERM ${service.label}`);
    return service.end('SIGTERM');
  },
};

export const zombie: Scenario = {
  name: 'zombie',
  about: 'SIGSTOP of any service for up to 18 s, longer than sessions and transactions last, or until another process has its place; then SIGCONT',
  every: [0.3, 2],
  failPoints: waits,
  async inject(context) {
    const { random, note, signal } = context;
    const service = anyOf(context);
    if (random.chance(0.4)) return pauseFor(context, service, random.chance(0.6) ? random.between(1, 6) : random.between(12, 18));
    const zombie = service.replace();
    if (!zombie) return false;
    note(`${service.label} stands still and is replaced`);
    await service.start();
    await delay(random.between(0, 4000), undefined, { signal }).catch(() => undefined);
    note(`the replaced ${service.label} goes on`);
    zombie.resume();
    await delay(random.between(500, 4000), undefined, { signal }).catch(() => undefined);
    await zombie.end();
    return true;
  },
};

/** Points that a run has not tried yet. */
const untried = new WeakMap<Deployment, Point[]>();

export const failPoint: Scenario = {
  name: 'fail-point',
  about: 'a service ends, stands still, hangs or fails exactly at a named step',
  indirectly: 'points',
  every: [0.5, 2],
  async inject({ random, deployment, note }) {
    let open = untried.get(deployment);
    if (!open || open.length === 0) untried.set(deployment, (open = shuffledPoints(random)));
    const planned = planFor(open.at(-1)!, random);
    const service = random.pick(deployment.all(planned.service));
    if (service.isBusyWithPoint) return false;
    open.pop();
    note(`${service.label} starts with ${planned.rule}`);
    service.armNext(`${planned.rule}; transaction.*=wait(0-2)`);
    // What acts is counted when it does.
    await service.end(random.pick(['SIGKILL', 'SIGTERM']));
    return false;
  },
  async heal({ deployment }) {
    await Promise.all(deployment.services.filter((service) => service.isArmed).map((service) => service.end('SIGTERM')));
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

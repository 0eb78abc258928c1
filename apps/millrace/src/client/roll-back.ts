import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import type { Adoption, ConsoleClient } from './console-client.ts';

const withinMs = 10_000;
const everyMs = 100;

/**
 * Orders a rollback and waits until all slots answer by its route.
 *
 * @throws MillraceError CONFLICT or REFUSED; NOT_ADOPTED with the slots that answer by another route after 10 s
 */
export async function rollBack(client: Pick<ConsoleClient, 'rollBack' | 'adoption'>, model: string, who: string, why: string, clock: { now(): number }): Promise<{ version: number; epoch: number }> {
  const version = await client.rollBack(model, who, why);
  const until = clock.now() + withinMs;
  let adoption: Adoption | undefined;
  while (clock.now() < until) {
    adoption = await client.adoption(model, version);
    if (adoption.done && adoption.epoch !== null) return { version, epoch: adoption.epoch };
    await delay(everyMs);
  }
  const slots = adoption?.missing.join(', ') ?? '';
  const missing = adoption?.epoch == null ? 'the deployer has not changed the route' : `these slots do not answer by route epoch ${adoption.epoch}: ${slots}`;
  throw new MillraceError('NOT_ADOPTED', `the rollback of version ${version} of ${model} was ordered, but after ${withinMs / 1000} s ${missing}`, { hint: "the order stands; see 'millrace status' whether deployer and inference run" });
}

import { describe, expect, it } from '@jest/globals';
import { MillraceError } from '@millrace/contracts';
import type { Adoption } from './console-client.ts';
import { rollBack } from './roll-back.ts';

/** Each look takes four seconds. */
function clockOf(): { now(): number } {
  let now = 0;
  return { now: () => (now += 2_000) };
}
const client = (...answers: Adoption[]) => ({ rollBack: async () => 2, adoption: async () => (answers.length > 1 ? answers.shift()! : answers[0]!) });
const adoption = (epoch: number | null, missing: number[]): Adoption => ({ epoch, adopted: [], missing, done: epoch !== null && missing.length === 0 });

describe('a rollback from the command line', () => {
  it('is done when all slots answer by its route', async () => {
    expect(await rollBack(client(adoption(null, [0, 1]), adoption(7, [1]), adoption(7, [])), 'm', 'me', 'bad', clockOf())).toEqual({ version: 2, epoch: 7 });
  });

  it('names the slots that do not answer by it after 10 s', async () => {
    await expect(rollBack(client(adoption(7, [1])), 'm', 'me', 'bad', clockOf())).rejects.toThrow('after 10 s these slots do not answer by route epoch 7: 1');
  });

  it('says when no route was changed', async () => {
    await expect(rollBack(client(adoption(null, [0, 1])), 'm', 'me', 'bad', clockOf())).rejects.toThrow('the deployer has not changed the route');
  });

  it('hands on a refusal', async () => {
    const refusing = { ...client(), rollBack: () => Promise.reject(new MillraceError('CONFLICT', 'nothing to go back to')) };
    await expect(rollBack(refusing, 'm', 'me', 'bad', clockOf())).rejects.toMatchObject({ code: 'CONFLICT' });
  });
});

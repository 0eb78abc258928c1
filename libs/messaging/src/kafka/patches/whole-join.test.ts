import { beforeEach, describe, expect, it } from '@jest/globals';
import { joinWhole } from './whole-join.ts';

class KafkaJSError extends Error {}
class KafkaJSProtocolError extends Error {
  readonly type: string;
  constructor({ message, type }: { message: string; type: string }) {
    super(message);
    this.type = type;
  }
}
type End = { done(): void; fail(error: Error): void };

/** A group that joins when the test says so. */
function groups() {
  const joins: End[] = [];
  let beats = 0;
  class Group {
    readonly groupId = 'g';
    joinAndSync(): Promise<void> {
      return new Promise((resolve, reject) => joins.push({ done: resolve, fail: reject }));
    }
    async heartbeat(): Promise<void> {
      beats++;
    }
  }
  joinWhole(Group as never, { KafkaJSError: KafkaJSError as never, KafkaJSProtocolError: KafkaJSProtocolError as never });
  return { group: new Group(), joins, beats: () => beats };
}

describe('a group whose joins are whole', () => {
  let made: ReturnType<typeof groups>;
  beforeEach(() => void (made = groups()));

  it('joins once for all who ask for it meanwhile, and is silent until then', async () => {
    const { group, joins, beats } = made;
    const both = Promise.all([group.joinAndSync(), group.joinAndSync()]);
    await group.heartbeat();
    expect([joins.length, beats()]).toEqual([1, 0]);
    joins[0]!.done();
    await both;
    await group.heartbeat();
    expect(beats()).toBe(1);
  });

  it('asks to be joined again after one that failed, until one has not', async () => {
    const { group, joins, beats } = made;
    const first = group.joinAndSync();
    joins[0]!.fail(new Error('Closed connection'));
    await expect(first).rejects.toThrow('Closed connection');
    await expect(group.heartbeat()).rejects.toMatchObject({ type: 'REBALANCE_IN_PROGRESS' });
    const second = group.joinAndSync();
    joins[1]!.done();
    await second;
    await group.heartbeat();
    expect(beats()).toBe(1);
  });
});

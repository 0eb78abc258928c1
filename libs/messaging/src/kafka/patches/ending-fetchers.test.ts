import { describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing';
import { installPatches } from './install-patches.ts';
import { requireKafkajs } from './kafkajs-modules.ts';

interface Runner {
  start(): Promise<void>;
  stop(): Promise<void>;
}

describe('a consumer', () => {
  // In a state where it fails nothing else of the process goes on, this test's own limit of time included.
  it('that is stopped while the brokers of its cluster change ends all the same', async () => {
    installPatches();
    const KafkajsRunner = requireKafkajs('kafkajs/src/consumer/runner.js') as new (options: object) => Runner;
    const silent = Object.assign(() => undefined, { namespace: () => silent, debug: () => undefined, info: () => undefined, warn: () => undefined, error: () => undefined });
    let nodes = [0, 1];
    let changeSeen = false;
    let release = (): void => undefined;
    const held = new Promise<void>((resolve) => (release = resolve));
    let waiting = false;
    const left: string[] = [];
    const consumerGroup = {
      groupId: 'g',
      getNodeIds: () => {
        changeSeen ||= nodes.length === 3;
        return nodes;
      },
      connect: async () => undefined,
      joinAndSync: async () => undefined,
      leave: async () => void left.push('left'),
      fetch: async (node: number) => {
        await new Promise((resolve) => setTimeout(resolve, 5));
        // The other fetcher sees at its next turn that the brokers are others, and its manager waits for this one.
        if (node === 0 && nodes.length === 3) {
          waiting = true;
          await held;
        }
        return [];
      },
      heartbeat: async () => undefined,
    };
    const runner = new KafkajsRunner({ logger: silent, consumerGroup, instrumentationEmitter: { emit: () => undefined }, concurrency: 1, onCrash: () => undefined, autoCommit: false });
    await runner.start();
    nodes = [0, 1, 2];
    await until(() => waiting && changeSeen, { what: 'a fetcher that is waited for' });
    const stopped = runner.stop();
    release();
    await stopped;
    expect(left).toEqual(['left']);
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { readTopic, stableEnds } from '@millrace/verification';
import { createTopic } from './create-topic.ts';
import { testKafka, testWorkspace } from './shared-servers.ts';
import { until } from './until.ts';

let brokers: string;
beforeAll(async () => {
  ({ brokers } = await testKafka());
}, 240_000);

/** A writer whose lines `key:value` are one transaction, committed when its input ends. */
function writer(topic: string, partition: number, transactionalId?: string, extra: string[] = []) {
  const transaction = transactionalId ? ['-X', `transactional.id=${transactionalId}`, '-X', 'transaction.timeout.ms=60000'] : [];
  return spawn('kcat', ['-b', brokers, '-P', '-t', topic, '-p', String(partition), '-K', ':', '-X', 'linger.ms=0', ...transaction, ...extra], {
    stdio: ['pipe', 'ignore', 'ignore'],
  });
}

async function write(lines: string | Buffer, ...where: Parameters<typeof writer>): Promise<void> {
  const child = writer(...where);
  child.stdin.end(lines);
  expect(await once(child, 'close')).toEqual([0, null]);
}

// kcat takes its input in blocks of 1 KiB, so a transaction that shall be seen open needs more than that.
const LINES = 300;

async function openTransaction(topic: string, transactionalId: string, before: number) {
  const child = writer(topic, 0, transactionalId);
  child.stdin.write('k:open\n'.repeat(LINES));
  await until(async () => (await readTopic({ brokers, topic, isolation: 'read_uncommitted' })).length > before, { what: 'open records in the log' });
  return child;
}

describe('readTopic', () => {
  it('returns keys, values and headers byte by byte, in order, with the append time of the broker', async () => {
    const topic = `${testWorkspace()}.bytes`;
    await createTopic({ brokers, topic, partitions: 2 });
    const before = Date.now();
    const strange = Buffer.from([0x6b, 0x3a, 0x00, 0xff, 0x20, 0x25, 0x73, 0x0d, 0x80]); // 'k', the delimiter, then no text at all
    await write(strange, topic, 1, undefined, ['-D', '\\x01', '-H', 'ce_type=vector-computed', '-H', 'traceparent=00-ab-cd-01']);
    await write('a:1\nb:2\n', topic, 0);
    const records = await readTopic({ brokers, topic });
    expect(records.map(({ partition, offset, key, value }) => [partition, offset, key?.toString(), value?.toString('hex')])).toEqual([
      [0, 0, 'a', '31'],
      [0, 1, 'b', '32'],
      [1, 0, 'k', strange.subarray(2).toString('hex')],
    ]);
    expect(records.map(({ headers }) => headers)).toEqual([{}, {}, { ce_type: 'vector-computed', traceparent: '00-ab-cd-01' }]);
    for (const { timestamp } of records) expect(timestamp).toBeGreaterThanOrEqual(before);
    expect((await readTopic({ brokers, topic, partition: 1 })).map(({ partition }) => partition)).toEqual([1]);
  });

  it('tells no key and no value from empty ones', async () => {
    const topic = `${testWorkspace()}.nothing`;
    await createTopic({ brokers, topic, partitions: 1 });
    await write('k:\n', topic, 0, undefined, ['-Z']);
    await write('plain\n', topic, 0);
    expect((await readTopic({ brokers, topic })).map(({ key, value }) => [key?.toString() ?? null, value?.toString() ?? null])).toEqual([
      ['k', null],
      [null, 'plain'],
    ]);
  });

  it('waits for an open transaction to end, and shows an aborted one to read_uncommitted only', async () => {
    const topic = `${testWorkspace()}.transactions`;
    await createTopic({ brokers, topic, partitions: 1 });
    await write('k:first\n', topic, 0, `${topic}.a`);

    const open = await openTransaction(topic, `${topic}.b`, 1);
    await expect(stableEnds({ brokers, topic, timeoutMs: 300 })).rejects.toThrow('no end of the open transactions');
    const reading = readTopic({ brokers, topic });
    open.stdin.end();
    const committed = await reading;
    expect(committed.map(({ value }) => value?.toString())).toEqual(['first', ...Array.from({ length: LINES }, () => 'open')]);

    const aborted = await openTransaction(topic, `${topic}.c`, committed.length);
    aborted.kill('SIGKILL');
    await write('k:last\n', topic, 0, `${topic}.c`); // same writer id: ends what its predecessor has left open
    expect((await readTopic({ brokers, topic })).slice(committed.length).map(({ value }) => value?.toString())).toEqual(['last']);
    expect((await readTopic({ brokers, topic, isolation: 'read_uncommitted' })).length).toBeGreaterThan(committed.length + 1);
  }, 30_000);

  it('says that a topic does not exist', async () => {
    await expect(readTopic({ brokers, topic: `${testWorkspace()}.nowhere` })).rejects.toThrow('there is no topic');
  });
});

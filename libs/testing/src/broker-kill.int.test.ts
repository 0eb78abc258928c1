import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { EmbeddedKafka } from '@millrace/embedded';
import { expect, it } from '@jest/globals';
import { createTopic } from './create-topic.ts';
import { readTopic } from '@millrace/verification';

it('an embedded broker that is killed still has every acknowledged record when it starts again', async () => {
  const folder = mkdtempSync(path.join(tmpdir(), 'millrace-kill-'));
  let kafka = await EmbeddedKafka.start({ dataDir: folder });
  try {
    const topic = 'kept';
    await createTopic({ brokers: kafka.brokers, topic, partitions: 1 });
    const lines = Array.from({ length: 5_000 }, (_, index) => `record ${index}`);
    const writer = spawn('kcat', ['-b', kafka.brokers, '-P', '-t', topic, '-p', '0', '-X', 'acks=all'], { stdio: ['pipe', 'ignore', 'inherit'] });
    writer.stdin.end(`${lines.join('\n')}\n`);
    expect(await once(writer, 'close')).toEqual([0, null]); // 0: everything was acknowledged
    await kafka.kill();
    kafka = await EmbeddedKafka.start({ dataDir: folder });
    expect((await readTopic({ brokers: kafka.brokers, topic })).map(({ value }) => value?.toString())).toEqual(lines);
  } finally {
    await kafka.kill();
    rmSync(folder, { recursive: true, force: true });
  }
}, 120_000);

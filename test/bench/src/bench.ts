import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { EmbeddedKafka } from '@millrace/embedded';
import { KafkaCluster } from '@millrace/messaging';
import { hopLatency } from './hop-latency.ts';
import { passThrough } from './pass-through.ts';
import { finish } from './report.ts';

const benches = { 'hop-latency': hopLatency, 'pass-through': passThrough };
const { positionals, values } = parseArgs({ allowPositionals: true, options: { report: { type: 'string' } } });
const [name] = positionals;
if (positionals.length !== 1 || !Object.hasOwn(benches, name!)) {
  console.error(`usage: npm run bench -- ${Object.keys(benches).join('|')} [--report FILE]`);
  process.exit(2);
}

const dataDir = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
const kafka = await EmbeddedKafka.start({ dataDir, onProgress: (line) => console.error(line) });
const cluster = new KafkaCluster({ brokers: [kafka.brokers], clientId: 'bench' });
try {
  const { checks, figures } = await benches[name as keyof typeof benches](cluster);
  const { ok } = await finish(checks, figures, values.report);
  process.exitCode = ok ? 0 : 1;
} finally {
  await cluster.close();
  await kafka.stop();
  await rm(dataDir, { recursive: true, force: true });
}

import { PartitionReader, PlainProducer, type KafkaCluster } from '@millrace/messaging';
import { HopProcess } from './hop-process.ts';
import { Lanes } from './lanes.ts';
import { atMost, quantile, spreadOf, text, type Report } from './report.ts';

const limits = { batchSize: 2000, maxBytes: 1 << 20 };
const pairs = 4;
const recordsPerRun = 400;
/** Records that are sent before the measured ones. */
const warmUp = 100;
const everyMs = 15;
const goalMs = 15;

type Kind = 'service' | 'stock';

interface Run {
  /** Milliseconds. */
  readonly p50: number;
  readonly p99: number;
}

/** Time from before a record is produced until a `read_committed` reader has what the hop made of it: one transaction each. */
export async function hopLatency(cluster: KafkaCluster): Promise<Pick<Report, 'checks' | 'figures'>> {
  const runs: Record<Kind, Run[]> = { service: [], stock: [] };
  for (let pair = 0; pair < pairs; pair++) {
    const lanes = await Lanes.open(cluster, 1);
    const order: Kind[] = pair % 2 === 0 ? ['service', 'stock'] : ['stock', 'service'];
    for (const kind of order) runs[kind].push(await run(kind, lanes, cluster));
    console.log(`pair ${pair + 1}: ${order.map((kind) => `${kind} p50 ${runs[kind].at(-1)!.p50.toFixed(1)} ms, p99 ${runs[kind].at(-1)!.p99.toFixed(1)} ms`).join('; ')}`);
    await lanes.remove();
  }
  const ratio = spreadOf(runs.stock.map(({ p50 }, pair) => p50 / runs.service[pair]!.p50), 2);
  const of = (kind: Kind) => ({ p50: spreadOf(runs[kind].map(({ p50 }) => p50)), p99: spreadOf(runs[kind].map(({ p99 }) => p99)) });
  const milliseconds = { service: of('service'), stock: of('stock') };
  for (const kind of ['service', 'stock'] as const) console.log(`${kind}: p50 ${text(milliseconds[kind].p50, 'ms')}, p99 ${text(milliseconds[kind].p99, 'ms')}`);
  console.log(`stock takes ${text(ratio, 'times as long')} at p50`);
  return { checks: [atMost('hop p50, milliseconds', milliseconds.service.p50.median, goalMs)], figures: { milliseconds, stockOverService: ratio, runs } };
}

async function run(kind: Kind, lanes: Lanes, cluster: KafkaCluster): Promise<Run> {
  const hop = HopProcess.start(kind, lanes, limits);
  const reader = await PartitionReader.open(cluster, [{ topic: lanes.output(kind), partition: 0, offset: 0 }]);
  const producer = await PlainProducer.open(cluster);
  const sentAt = new Map<string, number>();
  const taken: number[] = [];
  let done = false;
  const reading = (async () => {
    while (!done) {
      hop.assertRuns();
      for (const { records } of await reader.poll()) {
        const now = performance.now();
        for (const { key } of records) {
          const sent = sentAt.get(key!.toString());
          if (sent === undefined) continue;
          sentAt.delete(key!.toString());
          taken.push(now - sent);
        }
      }
    }
  })();
  reading.catch(() => undefined); // whoever waits for records finds the same
  const value = Buffer.alloc(200);
  const send = async (number: number): Promise<void> => {
    const key = `${kind} ${number}`.padEnd(16);
    sentAt.set(key, performance.now());
    await producer.send(lanes.input, 0, [{ key, value }]);
  };
  const arrived = async (count: number): Promise<void> => {
    while (taken.length < count) {
      hop.assertRuns();
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  };
  try {
    // The first one waits for the start of the process.
    await send(0);
    await arrived(1);
    for (let number = 1; number < warmUp + recordsPerRun; number++) {
      await new Promise((resolve) => setTimeout(resolve, everyMs));
      await send(number);
    }
    await arrived(warmUp + recordsPerRun);
    const sorted = taken.slice(warmUp).sort((a, b) => a - b);
    return { p50: quantile(sorted, 0.5), p99: quantile(sorted, 0.99) };
  } finally {
    done = true;
    await reading;
    await reader.close();
    await producer.close();
    await hop.end();
  }
}

import type { KafkaCluster } from '@millrace/messaging';
import { HopProcess, kinds, type Kind } from './hop-process.ts';
import { Lanes } from './lanes.ts';
import { atLeast, spreadOf, text, type Check, type Report, type Spread } from './report.ts';

const valueBytes = 200;
/** A fetch of a partition (1 MiB, the default of both) brings about 4,400 records, and is one transaction; the service takes as many. */
const limits = { batchSize: 4400, maxBytes: 1 << 20 };
const configurations = [{ partitions: 4, records: 240_000, rounds: 5 }, { partitions: 1, records: 120_000, rounds: 3 }];
const goal = { partitions: 4, ratio: 3 };

interface Run {
  /** Records per second. */
  readonly rate: number;
  /** Processor time of the process per record, microseconds. */
  readonly cpuUs: number;
}

/** Throughput of transactions that copy records from one topic to another. */
export async function passThrough(cluster: KafkaCluster): Promise<Pick<Report, 'checks' | 'figures'>> {
  const checks: Check[] = [];
  const figures: Record<string, unknown> = {};
  for (const { partitions, records, rounds } of configurations) {
    const at = `${partitions} partition${partitions > 1 ? 's' : ''}`;
    const runs: Record<Kind, Run[]> = { plain: [], service: [], stock: [] };
    for (let round = 0; round < rounds; round++) {
      const lanes = await Lanes.open(cluster, partitions);
      await lanes.fill(records, valueBytes);
      // Another one begins each round: what else the machine does falls on all alike.
      const order = [...kinds.slice(round % kinds.length), ...kinds.slice(0, round % kinds.length)];
      for (const kind of order) {
        runs[kind].push(await run(kind, lanes, records));
        if (round === 0) await lanes.verify(kind, records);
      }
      console.log(`${at}, round ${round + 1}: ${order.map((kind) => `${kind} ${describe(runs[kind].at(-1)!)}`).join(', ')}`);
      await lanes.remove();
    }
    const ratioOf = (kind: Kind): Spread => spreadOf(runs[kind].map(({ rate }, round) => rate / runs.stock[round]!.rate), 2);
    const ratios = { plain: ratioOf('plain'), service: ratioOf('service') };
    const rates = Object.fromEntries(kinds.map((kind) => [kind, spreadOf(runs[kind].map(({ rate }) => rate), 0)]));
    figures[at] = { timesStock: ratios, recordsPerSecond: rates, cpuMicrosecondsPerRecord: Object.fromEntries(kinds.map((kind) => [kind, spreadOf(runs[kind].map(({ cpuUs }) => cpuUs))])), runs };
    for (const kind of kinds) console.log(`${at}, ${kind}: ${text(rates[kind]!, 'records/s')}${kind === 'stock' ? '' : `, ${text(ratios[kind], 'times stock')}`}`);
    if (partitions === goal.partitions) checks.push(atLeast(`plain pass-through at ${at}, times stock kafkajs`, ratios.plain.median, goal.ratio));
  }
  return { checks, figures };
}

const describe = ({ rate, cpuUs }: Run): string => `${Math.round(rate)}/s (${cpuUs.toFixed(1)} us CPU per record)`;

/** From a fifth of the records, when both are warm, to the last one committed. */
async function run(kind: Kind, lanes: Lanes, records: number): Promise<Run> {
  const hop = HopProcess.start(kind, lanes, limits);
  const reached = async (count: number): Promise<{ at: number; committed: number; cpuMs: number }> => {
    for (;;) {
      hop.assertRuns();
      const committed = await lanes.committed(kind);
      const at = performance.now();
      if (committed >= count) return { at, committed, cpuMs: await hop.cpuMs() };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  try {
    const begin = await reached(records / 5);
    const end = await reached(records);
    const count = end.committed - begin.committed;
    return { rate: (1000 * count) / (end.at - begin.at), cpuUs: (1000 * (end.cpuMs - begin.cpuMs)) / count };
  } finally {
    await hop.end();
  }
}

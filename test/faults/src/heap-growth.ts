import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** How the heap of one process grew, by least squares over what was left after each collection. */
export interface HeapGrowth {
  readonly process: string;
  /** Minutes between first and last sample used. */
  readonly minutes: number;
  readonly samples: number;
  readonly firstMb: number;
  readonly lastMb: number;
  readonly mbPerHour: number;
  /** Memory outside of the heap at the end: tables of ids and tiles that a state holds for its time. */
  readonly externalMb: number;
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
  readonly external: number;
}

/**
 * Growth of each process that lived long enough, samples of its first minutes left out: caches and compiled code fill up then.
 *
 * @param folder where the heap probes wrote
 * @param warmMs how long a process counts as young
 */
export function heapGrowths(folder: string, warmMs: number): HeapGrowth[] {
  return readdirSync(folder)
    .filter((name) => name.endsWith('.heap'))
    .flatMap((name) => {
      const all = readFileSync(join(folder, name), 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number)).map(([at, heap, external]) => ({ at: at!, bytes: heap!, external: external! }));
      const samples = all.filter(({ at }) => at - all[0]!.at >= warmMs);
      return samples.length < 5 ? [] : [growthOf(name.replace('.heap', ''), samples)];
    });
}

function growthOf(process: string, samples: readonly Sample[]): HeapGrowth {
  const hours = samples.map(({ at }) => (at - samples[0]!.at) / 3_600_000);
  const mb = samples.map(({ bytes }) => bytes / 1e6);
  const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
  const [meanHours, meanMb] = [mean(hours), mean(mb)];
  const slope = hours.reduce((sum, hour, index) => sum + (hour - meanHours) * (mb[index]! - meanMb), 0) / hours.reduce((sum, hour) => sum + (hour - meanHours) ** 2, 0);
  const round = (value: number): number => Math.round(value * 100) / 100;
  return { process, minutes: round(hours.at(-1)! * 60), samples: samples.length, firstMb: round(mb[0]!), lastMb: round(mb.at(-1)!), mbPerHour: round(slope), externalMb: round(samples.at(-1)!.external / 1e6) };
}

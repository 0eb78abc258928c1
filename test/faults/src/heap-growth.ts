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
  /** The same without compiled code, which V8 makes of what is run often for half an hour and longer. */
  readonly objectsMbPerHour: number;
  /** Memory outside of the heap at the end: tables of ids and tiles that a state holds for its time. */
  readonly externalMb: number;
}

interface Sample {
  readonly at: number;
  readonly bytes: number;
  readonly external: number;
  readonly code: number;
}

/** A slope over less says more of single samples than of growth. */
const judgedFromMs = 8 * 60_000;

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
      const all = readFileSync(join(folder, name), 'utf8').trim().split('\n').map((line) => line.split(' ').map(Number)).map(([at, heap, external, , code]) => ({ at: at!, bytes: heap!, external: external!, code: code! }));
      const samples = all.filter(({ at }) => at - all[0]!.at >= warmMs);
      return samples.length === 0 || samples.at(-1)!.at - samples[0]!.at < judgedFromMs ? [] : [growthOf(name.replace('.heap', ''), samples)];
    });
}

function growthOf(process: string, samples: readonly Sample[]): HeapGrowth {
  const hours = samples.map(({ at }) => (at - samples[0]!.at) / 3_600_000);
  const mb = samples.map(({ bytes }) => bytes / 1e6);
  return {
    process, minutes: round(hours.at(-1)! * 60), samples: samples.length, firstMb: round(mb[0]!), lastMb: round(mb.at(-1)!), externalMb: round(samples.at(-1)!.external / 1e6),
    mbPerHour: round(slopeOf(hours, mb)), objectsMbPerHour: round(slopeOf(hours, samples.map(({ bytes, code }) => (bytes - code) / 1e6))),
  };
}

/** Of the line of least squares. */
function slopeOf(xs: readonly number[], ys: readonly number[]): number {
  const [meanX, meanY] = [mean(xs), mean(ys)];
  return xs.reduce((sum, x, index) => sum + (x - meanX) * (ys[index]! - meanY), 0) / xs.reduce((sum, x) => sum + (x - meanX) ** 2, 0);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const round = (value: number): number => Math.round(value * 100) / 100;

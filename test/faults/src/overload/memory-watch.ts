import { readFileSync } from 'node:fs';
import { round } from './figures.ts';

export interface MemoryFigures {
  /** Resident memory each `everyMs`, MB. */
  readonly samples: readonly number[];
  /** Mean of the last half over mean of the half before it: 1 = flat. */
  readonly lastHalfOverFirst: number;
  readonly most: number;
}

/** Resident memory of processes over a time. Source: proc(5). */
export class MemoryWatch {
  private readonly samples = new Map<string, number[]>();
  private readonly timer: NodeJS.Timeout;

  /** @param pids by name; a process that is gone has 0 */
  constructor(pids: () => Readonly<Record<string, number | undefined>>, everyMs = 1000) {
    this.timer = setInterval(() => {
      for (const [name, pid] of Object.entries(pids())) {
        const values = this.samples.get(name) ?? [];
        this.samples.set(name, values);
        values.push(pid === undefined ? 0 : residentMb(pid));
      }
    }, everyMs);
  }

  stop(): Record<string, MemoryFigures> {
    clearInterval(this.timer);
    return Object.fromEntries([...this.samples].map(([name, samples]) => {
      const half = Math.floor(samples.length / 2);
      return [name, { samples, lastHalfOverFirst: round(mean(samples.slice(half)) / mean(samples.slice(0, half)), 3), most: Math.max(...samples) }];
    }));
  }
}

/** Processor time that a process and its threads have used, ms: other work on the machine does not change it. Source: proc(5), fields 14 and 15. */
export function processorMs(pid: number): number {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
  // The name of the command may contain blanks.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) * 10;
}

/** Whole MB; 0 when the process is gone. */
export function residentMb(pid: number): number {
  try {
    return Math.round((Number(readFileSync(`/proc/${pid}/statm`, 'utf8').split(' ')[1]) * 4096) / 2 ** 20);
  } catch {
    return 0;
  }
}

function mean(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

import { readFileSync, readdirSync } from 'node:fs';

/** Highest resident memory of a process so far, and its parent. Undefined when it has ended, or where the system does not tell. */
function standing(pid: number): { parent: number; peakBytes: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    const field = (name: string): number => Number(new RegExp(`^${name}:\\s+(\\d+)`, 'm').exec(text)?.[1] ?? 0);
    return { parent: field('PPid'), peakBytes: field('VmHWM') * 1024 };
  } catch {
    return undefined;
  }
}

function everyProcess(): Map<number, { parent: number; peakBytes: number }> {
  const found = new Map<number, { parent: number; peakBytes: number }>();
  let names: string[] = [];
  try {
    names = readdirSync('/proc');
  } catch {
    // Only Linux has /proc; elsewhere the peaks are left out.
  }
  for (const name of names) {
    const pid = /^\d+$/.test(name) ? Number(name) : undefined;
    const seen = pid === undefined ? undefined : standing(pid);
    if (pid !== undefined && seen) found.set(pid, seen);
  }
  return found;
}

/** Peak memory by name: of the known processes, and of the children that they start (jobs, scoring), by the name of their parent. */
export class MemoryPeaks {
  private readonly known: () => Readonly<Record<string, number>>;
  private readonly seen = new Map<string, number>();
  private readonly timer: NodeJS.Timeout;

  /** @param known process ids by name, asked again each time */
  constructor(known: () => Readonly<Record<string, number>>, everyMs = 1_000) {
    this.known = known;
    this.timer = setInterval(() => this.sample(), everyMs);
    this.timer.unref();
  }

  /** Bytes by name. */
  get peaks(): Record<string, number> {
    return Object.fromEntries(this.seen);
  }

  sample(): void {
    const processes = everyProcess();
    const names = new Map([...Object.entries(this.known()), ['millrace', process.pid] as const].map(([name, pid]) => [pid, name]));
    for (const [pid, { parent, peakBytes }] of processes) {
      const parentName = names.get(parent);
      const name = names.get(pid) ?? (parentName !== undefined ? `${parentName} (children)` : undefined);
      if (name !== undefined) this.seen.set(name, Math.max(peakBytes, this.seen.get(name) ?? 0));
    }
  }

  close(): void {
    clearInterval(this.timer);
  }
}

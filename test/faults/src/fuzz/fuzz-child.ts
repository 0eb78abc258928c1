import { once } from 'node:events';
import { writeSync } from 'node:fs';
import { fuzz, type Finding, type FuzzReport, type FuzzTarget } from './fuzz-target.ts';

/** Inputs `from` to `to` (exclusive) of a target. */
export interface Part {
  readonly target: string;
  readonly seed: number;
  readonly from: number;
  readonly to: number;
}

/** What a child says: findings as they come, for it may not live to its report. */
export type Said = { readonly finding: Finding } | { readonly report: FuzzReport };

/** The file in which a child leaves its signs of life, behind its standard streams and its channel: two doubles, the run and how many signs there were. */
const signsDescriptor = 4;

/** The side of the child: fuzzes the part that its parent sends. A sign of life is one write to a file, which works also where nothing returns to the event loop. */
export async function fuzzChild(targets: Readonly<Record<string, () => FuzzTarget>>): Promise<void> {
  const [{ target, seed, from, to }] = (await once(process, 'message')) as [Part];
  const signs = new Float64Array(2);
  const bytes = new Uint8Array(signs.buffer);
  const live = (run: number): void => {
    signs[0] = run;
    signs[1]!++;
    writeSync(signsDescriptor, bytes, 0, bytes.length, 0);
  };
  const subject = targets[target]!();
  live(from);
  const report = await fuzz(subject, seed, from, to, { onTry: live, onFinding: (finding) => say({ finding }) });
  say({ report }, () => process.disconnect());
}

function say(said: Said, then?: () => void): void {
  process.send!(said, undefined, undefined, then);
}

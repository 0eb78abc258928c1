/** One input on its way through what is under test. */
export interface FuzzCase {
  /** The input, for people. */
  readonly what: string;
  execute(): Promise<unknown>;
  /** What is wrong with the outcome; undefined when nothing is. An error of a code that is not listed is always wrong. */
  judge(value: unknown, error: Error | undefined): string | undefined;
}

/** What is fuzzed: an input for each seed and run, always the same one. */
export interface FuzzTarget {
  /** Codes of the errors that it may throw. */
  readonly codes: ReadonlySet<string>;
  prepare(seed: number, run: number): FuzzCase;
}

export interface Finding {
  readonly run: number;
  readonly problem: string;
  readonly what: string;
}

export interface FuzzReport {
  readonly runs: number;
  readonly accepted: number;
  /** How often each code came. */
  readonly refused: Readonly<Record<string, number>>;
  readonly findings: readonly Finding[];
  /** The longest one, in time of the processor; measured again when it seemed too long. */
  readonly slowestMs: number;
  /** Most resident memory at any moment, above that at the start. */
  readonly peakBytes: number;
  /** What is held after collection, above that at the start: on the heap and in buffers. */
  readonly heldBytes: number;
}

/** Limits of one input. Time is that of the processor, all threads together; what seems too long, perhaps by a collection, is measured three times. */
const defaultMostMs = 100;
const mostBytes = 64 * 1024 * 1024;
const mostFindings = 20;

export interface FuzzOptions {
  /** Processor time of one input, ms. Default 100; a test on a busy machine allows more. */
  readonly mostMs?: number;
  /** Told of each try of an input before it begins, so that somebody else can tell which one has not returned. */
  readonly onTry?: (run: number) => void;
  readonly onFinding?: (finding: Finding) => void;
}

/** Runs inputs `from` to `to` (exclusive): no error but those listed, at most 100 ms and 64 MB each. Time is judged when an input has returned. */
export async function fuzz(target: FuzzTarget, seed: number, from: number, to: number, { mostMs = defaultMostMs, onTry, onFinding }: FuzzOptions = {}): Promise<FuzzReport> {
  const findings: Finding[] = [];
  const refused: Record<string, number> = {};
  let accepted = 0;
  let slowestMs = 0;
  const held = heldBytes();
  const resident = peakBytes();
  let peak = resident;
  let run = from;
  for (; run < to && findings.length < mostFindings; run++) {
    onTry?.(run);
    const one = target.prepare(seed, run);
    const problems: string[] = [];
    let value: unknown;
    let error: Error | undefined;
    let ms = await time(async () => ({ value, error } = await outcome(one)));
    for (let again = 0; ms > mostMs && again < 2; again++) {
      onTry?.(run);
      ms = Math.min(ms, await time(() => outcome(one)));
    }
    slowestMs = Math.max(slowestMs, ms);
    if (ms > mostMs) problems.push(`${ms.toFixed(0)} ms`);
    if (error === undefined) accepted++;
    else {
      const code = (error as { code?: string }).code ?? error.name;
      refused[code] = (refused[code] ?? 0) + 1;
      if (!target.codes.has(code)) problems.push(`an error that is not listed: ${error.stack ?? error.message}`);
    }
    const judged = one.judge(value, error);
    if (judged !== undefined) problems.push(judged);
    const now = peakBytes();
    if (now - peak > mostBytes) problems.push(`${((now - peak) / 1e6).toFixed(0)} MB more than before`);
    peak = now;
    for (const problem of problems) {
      const finding = { run, problem, what: one.what };
      findings.push(finding);
      onFinding?.(finding);
    }
  }
  return { runs: run - from, accepted, refused, findings, slowestMs, peakBytes: peak - resident, heldBytes: heldBytes() - held };
}

async function outcome(one: FuzzCase): Promise<{ value: unknown; error: Error | undefined }> {
  try {
    return { value: await one.execute(), error: undefined };
  } catch (error) {
    return { value: undefined, error: error instanceof Error ? error : new Error(String(error)) };
  }
}

/** Time of the processor, ms: the wall clock would judge the other processes of the machine. */
async function time(work: () => Promise<unknown>): Promise<number> {
  const start = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

function peakBytes(): number {
  return process.resourceUsage().maxRSS * 1024;
}

/** After a collection where the process allows one (`--expose-gc`). */
function heldBytes(): number {
  (globalThis as { gc?: () => void }).gc?.();
  const { heapUsed, external } = process.memoryUsage();
  return heapUsed + external;
}

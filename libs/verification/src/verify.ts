import { MillraceError } from '@millrace/contracts';
import { decodeOwn, type OwnEvent } from './avro/own-events.ts';
import type { Check, SeenRecord } from './check.ts';
import { AcceptedCheck, type AcceptedList } from './checks/accepted.check.ts';
import { ArchiveCheck } from './checks/archive.check.ts';
import { CommandsCheck } from './checks/commands.check.ts';
import { DecidersCheck } from './checks/deciders.check.ts';
import { EpochsCheck } from './checks/epochs.check.ts';
import { FeaturesCheck, type Fold } from './checks/features.check.ts';
import { LabelsCheck, type LabelFold } from './checks/labels.check.ts';
import { OutcomesCheck } from './checks/outcomes.check.ts';
import { PerformanceCheck } from './checks/performance.check.ts';
import { PredictionsCheck } from './checks/predictions.check.ts';
import { ReadableCheck } from './checks/readable.check.ts';
import { RejectedCheck } from './checks/rejected.check.ts';
import { RoutesCheck } from './checks/routes.check.ts';
import { VectorsCheck } from './checks/vectors.check.ts';
import { VisibilityCheck } from './checks/visibility.check.ts';
import type { Archive } from './history/archive.ts';
import { KafkaLog } from './history/kafka-log.ts';
import type { LogRecord, LogSource } from './history/log-record.ts';
import { topicKinds, topicOf } from './history/topic-kind.ts';
import type { Bounds, Violation } from './violations.ts';
import { World } from './world/world.ts';

export interface VerifyOptions {
  /** What clients know of their posts. */
  readonly accepted?: AcceptedList;
  /** The archive and who reads its files; left out: not judged. */
  readonly archive?: Archive;
  /** Computes the features anew; left out: not judged. */
  readonly fold?: Fold;
  /** Computes the labels anew; left out: judged where the declared expression is a flag or a comparison of a field with a number. */
  readonly labels?: LabelFold;
  /** Prefix of the workspace's topics; '' for none. The folders of the archive carry it. */
  readonly workspace?: string;
  /**
   * Whether everything has come to its end, so that what is not there is lost: posts are answered, files sealed, trainings and rollouts
   * ended. Default true; on a live system false: the tail of each partition is still on its way.
   */
  readonly settled?: boolean;
  /** Append times that are judged, ms since epoch, both inclusive; everything is read all the same. Default all. */
  readonly bounds?: Bounds;
  /**
   * Fewest records that a check must judge, by its name: an empty history is no good one, and a platform on which no model ever answers
   * breaks no other promise. What is judged: `outcomes` outcomes, `accepted` entries of the list, `rejected` rejections, `vectors`,
   * `labels` and `predictions` records, `features` vectors that the fold knows, `epochs` and `routes` predictions and adoptions, `deciders`
   * decisions, `commands` commands and what followed from them, `performance` reports, `archive` rows. Default: one outcome.
   */
  readonly atLeast?: Readonly<Record<string, number>>;
  /** How long after a route has withdrawn its version a prediction may be appended, ms. Default: not judged; `figures.longestWithdrawalMs` says what was seen. */
  readonly withdrawnWithinMs?: number;
  readonly onProgress?: (progress: Progress) => void;
}

export interface Progress {
  readonly topic: string;
  readonly partition: number;
  /** Records read of all topics. */
  readonly records: number;
  /** Offsets of all topics. */
  readonly of: number;
}

export interface CheckResult {
  readonly name: string;
  /** What holds, as a sentence. */
  readonly promise: string;
  readonly ok: boolean;
  /** Violations; the limit is none. */
  readonly value: number;
  readonly limit: 0;
  /** Records that it judged. */
  readonly judged: number;
  /** Fewest records that it had to judge. */
  readonly fewest: number;
  /** The first ten. */
  readonly violations: readonly Violation[];
  /** What a figure alone does not say. */
  readonly detail?: string;
}

export interface Verdict {
  readonly ok: boolean;
  readonly checks: readonly CheckResult[];
  readonly figures: Readonly<Record<string, unknown>>;
}

const always: Bounds = { from: -Infinity, to: Infinity };

/**
 * Reads all topics of a workspace by kcat and judges what stands there.
 *
 * @example
 * const { ok, checks } = await verify({ brokers: '127.0.0.1:9092', workspace: '' });
 * @throws MillraceError KCAT_MISSING, KCAT_FAILED, NOTHING_TO_VERIFY, TRANSACTION_OPEN, UNKNOWN_CHECK
 */
export async function verify(options: VerifyOptions & { readonly brokers: string; readonly workspace: string; readonly timeoutMs?: number }): Promise<Verdict> {
  return verifyLog(await KafkaLog.open(options), options);
}

/** The same over records from anywhere. */
export async function verifyLog(source: LogSource, options: VerifyOptions = {}): Promise<Verdict> {
  const world = new World(source.ranges, options.settled ?? true);
  const checks = checksFor(options);
  const atLeast: Readonly<Record<string, number>> = { outcomes: 1, ...options.atLeast };
  const unknown = Object.keys(atLeast).filter((name) => !checks.some((check) => check.name === name));
  if (unknown.length > 0) throw new MillraceError('UNKNOWN_CHECK', `a fewest number is given for ${unknown.join(', ')}, which is not judged`, { hint: `judged are ${checks.map(({ name }) => name).join(', ')}` });
  const counts: Record<string, number> = {};
  const of = source.ranges.reduce((sum, { low, end }) => sum + Math.max(0, end - low), 0);
  let records = 0;
  for (const kind of topicKinds)
    for (const range of source.ranges.filter(({ topic }) => topicOf(topic)?.kind === kind)) {
      for await (const piece of source.read(range)) {
        for (const record of piece) {
          if (record.visible) counts[record.topic] = (counts[record.topic] ?? 0) + 1;
          const seen = seenOf(record);
          world.take(seen);
          for (const check of checks) check.record?.(seen, world);
        }
        records += piece.length;
        options.onProgress?.({ topic: range.topic, partition: range.partition, records, of });
      }
    }
  for (const check of checks) await check.end?.(world);
  const results = checks.map((check) => resultOf(check, atLeast[check.name] ?? 0));
  return { ok: results.every(({ ok }) => ok), checks: results, figures: { records, visible: counts, ...figuresOf(checks) } };
}

function checksFor({ bounds = always, accepted, archive, fold, labels, workspace, withdrawnWithinMs }: VerifyOptions): Check[] {
  return [
    new ReadableCheck(bounds), new OutcomesCheck(bounds), new RejectedCheck(bounds), new VectorsCheck(bounds), new LabelsCheck(bounds, labels), new PredictionsCheck(bounds), new VisibilityCheck(bounds),
    new EpochsCheck(bounds), new RoutesCheck(bounds, withdrawnWithinMs), new DecidersCheck(bounds), new CommandsCheck(bounds), new PerformanceCheck(bounds),
    ...(accepted ? [new AcceptedCheck(bounds, accepted)] : []),
    ...(fold ? [new FeaturesCheck(bounds, fold)] : []),
    ...(archive ? [new ArchiveCheck(bounds, archive, workspace ? `${workspace}.` : '')] : []),
  ];
}

function seenOf(record: LogRecord): SeenRecord {
  const { kind, of } = topicOf(record.topic)!;
  return { ...record, kind, of, event: kind === 'events' || !record.visible || !record.stored ? undefined : decoded(record.value) };
}

function decoded(value: Buffer | null): OwnEvent | undefined {
  try {
    return decodeOwn(value);
  } catch (error) {
    if (error instanceof MillraceError) return undefined;
    throw error;
  }
}

function resultOf({ name, promise, found }: Check, atLeast: number): CheckResult {
  const isEnough = found.seen >= atLeast;
  const detail = !isEnough ? `judged ${found.seen} records where ${atLeast} are the fewest` : found.seen === 0 ? 'nothing was there to judge' : undefined;
  return { name, promise, ok: found.count === 0 && isEnough, value: found.count, limit: 0, judged: found.seen, fewest: atLeast, violations: found.first, ...(detail === undefined ? {} : { detail }) };
}

function figuresOf(checks: readonly Check[]): Record<string, unknown> {
  const figures: Record<string, unknown> = {};
  for (const check of checks) {
    if (check instanceof VisibilityCheck) figures['aborted'] = check.aborted;
    if (check instanceof RoutesCheck) figures['longestWithdrawalMs'] = check.longestWithdrawalMs;
    if (check instanceof PerformanceCheck) figures['exactReports'] = check.exact;
    if ('waiting' in check) figures[`${check.name}Waiting`] = check.waiting;
    if (check instanceof LabelsCheck) figures['labelsWithoutValue'] = check.without;
  }
  return figures;
}

import { parquetRows } from '@millrace/archive';
import { archiveIn, verify } from '@millrace/verification';
import { answersSince } from './answers-since.ts';
import type { Deployment } from './drive/deployment.ts';
import { laneHashes } from './lane-hashes.ts';
import { lostCommands } from './lost-commands.ts';
import { rolloutFigures, type RolloutFigures } from './rollout-figures.ts';
import { IndependentFold, type Ingested } from './workload/independent-fold.ts';
import type { Accepted } from './workload/poster.ts';

export interface CheckedRun extends RolloutFigures {
  /** What is wrong, in words. */
  readonly violations: string[];
  readonly predictions: number;
  readonly versions: number;
}

/** Fewest predictions of a run, and decisions: definitions, a training and its version, a rollout with its routes. */
const predictionsAtLeast = 100;
const decisionsAtLeast = 8;
/** A few payments come later than the horizon of the label. */
const labelledShare = 0.9;

/**
 * The checker over all that a run has left behind. Everything has to be there: a platform on which no model answers and nothing is archived
 * breaks no other promise.
 *
 * @param commands ids of commands that were answered 202
 * @param healedAt when the last fault was healed, ms since epoch; left out: nobody asks whether it answers after the faults
 */
export async function checkRun(deployment: Deployment, { eventIds, orders, poison }: Accepted, commands: readonly string[] = [], healedAt?: number): Promise<CheckedRun> {
  const payments = eventIds.size - orders;
  const fold = new IndependentFold();
  const { brokers } = deployment;
  const prefix = `${deployment.options.workspace}.`;
  const others = Promise.all([
    laneHashes(deployment), rolloutFigures(brokers, prefix, 'late-payment'), lostCommands(brokers, prefix, commands),
    healedAt === undefined ? [] : answersSince(brokers, prefix, 'late-payment', healedAt, predictionsAtLeast),
  ]);
  // It is awaited below; until then nobody may take a failure for unhandled.
  others.catch(() => undefined);
  const { checks, figures } = await verify({
    brokers,
    workspace: deployment.options.workspace,
    accepted: { certain: [...eventIds].map((id) => ({ eventId: Buffer.from(id, 'hex') })) },
    fold: ({ stream, fields }) => {
      const features = fold.add({ stream, event: fields } as unknown as Ingested);
      return features ? { 'late-payment': features } : undefined;
    },
    labels: ({ stream, fields }) => (stream === 'payments' ? { 'late-payment': (fields as { late: boolean }).late ? 1 : 0 } : undefined),
    archive: archiveIn(deployment.artifacts, parquetRows),
    // A checker that was handed nothing finds nothing wrong.
    atLeast: {
      outcomes: eventIds.size + poison, accepted: eventIds.size, rejected: poison, vectors: orders, features: orders, labels: Math.floor(payments * labelledShare), archive: orders + Math.floor(payments * labelledShare),
      predictions: predictionsAtLeast, epochs: predictionsAtLeast, routes: predictionsAtLeast, deciders: decisionsAtLeast,
    },
    timeoutMs: 60_000,
  });
  const violations = checks.filter(({ ok }) => !ok).flatMap(({ name, value, detail, violations: first }) => [
    `${name}: ${value} violations${detail ? `, ${detail}` : ''}`,
    ...first.slice(0, 3).map(({ topic, partition, offset, sentence }) => `  ${topic}/${partition}@${offset} ${sentence}`),
  ]);
  const [lane, rollouts, lost, silent] = await others;
  violations.push(...lost, ...silent);
  if (!lane) violations.push('state: the feature store has left no snapshot behind');
  else if (lane.position <= lane.last) violations.push(`state: the newest snapshot of the feature store is of position ${lane.position}, the lane goes on to ${lane.last}`);
  else if (lane.kept !== lane.folded) violations.push(`state: what the feature store kept at position ${lane.position} differs from a fold of the lane`);
  const visible = figures['visible'] as Readonly<Record<string, number>>;
  const of = (topic: string): number => visible[topic] ?? 0;
  return { violations, predictions: of('predictions.late-payment'), versions: Math.floor(of('model-versions') / 2), ...rollouts };
}

import { decodeOwn, readTopic } from '@millrace/verification';

/** Share of predictions that must have a score when nothing is broken: some models answer no number now and then. */
const scoredShare = 0.8;

/**
 * Whether a model answers again: every check of the log holds on a platform, too, whose predictions all say that they failed.
 *
 * @param prefix of the workspace, with its dot
 * @param since append time of the first prediction that counts, ms
 * @returns what is wrong, in words
 */
export async function answersSince(brokers: string, prefix: string, model: string, since: number, fewest: number): Promise<string[]> {
  const predictions = (await readTopic({ brokers, topic: `${prefix}predictions.${model}`, timeoutMs: 60_000 })).filter(({ timestamp }) => timestamp >= since);
  const scored = predictions.filter(({ value }) => decodeOwn(value).fields['score'] !== null).length;
  if (scored >= fewest && scored >= scoredShare * predictions.length) return [];
  return [`answers: of ${predictions.length} predictions since nothing is broken any more ${scored} have a score; ${fewest} and ${scoredShare * 100} % are the fewest`];
}

import { decodeOwn, readTopic } from '@millrace/verification';

export interface RolloutFigures {
  /** For each route that withdraws a version: how long after it that version still predicted, ms by the broker's append times; 0 = not at all. */
  readonly withdrawals: readonly number[];
  /** Rollouts that ended with their version as champion. */
  readonly completed: number;
  readonly aborted: number;
  /** How each of them went, in words. */
  readonly course: readonly string[];
}

/**
 * What the rollouts of a model came to.
 *
 * @param prefix of the workspace, with its dot
 */
export async function rolloutFigures(brokers: string, prefix: string, model: string): Promise<RolloutFigures> {
  const events = (await readTopic({ brokers, topic: `${prefix}rollouts`, timeoutMs: 60_000 })).map(({ value, timestamp }) => ({ ...decodeOwn(value), timestamp })).filter(({ fields }) => fields.model === model);
  const routes = events.flatMap(({ stem, fields, timestamp }) => (stem === 'route-changed' ? (fields.withdrawn as number[]).map((version) => ({ version, at: timestamp, last: timestamp })) : []));
  const of = (stem: string): number => events.filter((event) => event.stem === stem).length;
  const course = events.map(({ stem, fields, timestamp }) => `${new Date(timestamp).toISOString().slice(11, 23)} ${stem} ${JSON.stringify({ ...fields, model: undefined, bundle: undefined, rolloutId: undefined }).slice(0, 240)}`);
  const figures = { course, completed: of('rollout-completed'), aborted: of('rollout-aborted') };
  if (routes.length === 0) return { withdrawals: [], ...figures };
  for (const { value, timestamp } of await readTopic({ brokers, topic: `${prefix}predictions.${model}`, timeoutMs: 60_000 })) {
    const { version } = decodeOwn(value).fields as { version: number };
    for (const route of routes) if (route.version === version && timestamp > route.last) route.last = timestamp;
  }
  return { withdrawals: routes.map(({ at, last }) => last - at), ...figures };
}

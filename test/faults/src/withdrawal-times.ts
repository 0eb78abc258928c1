import { decodeOwn, readTopic } from '@millrace/verification';

/**
 * For each route that withdraws a version: how long after it that version still predicted, ms by the broker's append times; 0 = not at all.
 *
 * @param prefix of the workspace, with its dot
 */
export async function withdrawalTimes(brokers: string, prefix: string, model: string): Promise<number[]> {
  const routes = (await readTopic({ brokers, topic: `${prefix}rollouts`, timeoutMs: 60_000 })).flatMap(({ value, timestamp }) => {
    const event = decodeOwn(value);
    const withdrawn = event.stem === 'route-changed' && event.fields['model'] === model ? (event.fields['withdrawn'] as number[]) : [];
    return withdrawn.map((version) => ({ version, at: timestamp, last: timestamp }));
  });
  if (routes.length === 0) return [];
  for (const { value, timestamp } of await readTopic({ brokers, topic: `${prefix}predictions.${model}`, timeoutMs: 60_000 })) {
    const { version } = decodeOwn(value).fields as { version: number };
    for (const route of routes) if (route.version === version && timestamp > route.last) route.last = timestamp;
  }
  return routes.map(({ at, last }) => last - at);
}

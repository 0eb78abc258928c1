import { MillraceError } from '@millrace/contracts';

/** Settings of a topic by name as they hold: its own, else what its broker is configured to. */
export type TopicSettings = Readonly<Record<string, string | undefined>>;

const equal = (found: string, wanted: string): boolean => found === wanted;
/** -1 = no limit. */
const atLeast = (found: string, wanted: string): boolean => found === '-1' || (wanted !== '-1' && Number(found) >= Number(wanted));

/** Settings by which records are lost, or come to another time, and what is good enough for a wanted value. */
const judged: Readonly<Record<string, (found: string, wanted: string) => boolean>> = {
  'cleanup.policy': equal, 'message.timestamp.type': equal, 'retention.ms': atLeast, 'retention.bytes': atLeast, 'max.message.bytes': atLeast,
};
const ACKNOWLEDGED_BY = 'min.insync.replicas';

/** What must be read of a topic. */
export const settingsToRead: readonly string[] = [...Object.keys(judged), ACKNOWLEDGED_BY];

/**
 * Refuses topics that keep less than is wanted or stamp other times; one that keeps more is good. A setting that the broker does not tell is passed over.
 *
 * @example refuseDifferences([{ name: 'rollouts', configs: { 'retention.ms': '-1' } }], new Map([['rollouts', { 'retention.ms': '604800000' }]]), ['127.0.0.1:9092']) // throws
 * @throws MillraceError `TOPIC_DIFFERS`, of all topics at once
 */
export function refuseDifferences(specs: readonly { readonly name: string; readonly configs?: Readonly<Record<string, string>> }[], found: ReadonlyMap<string, TopicSettings>, brokers: readonly string[]): void {
  const differing = specs.flatMap(({ name, configs = {} }) => {
    const settings = found.get(name) ?? {};
    const differences = Object.entries(configs).filter(([setting, wanted]) => {
      const value = settings[setting];
      return value !== undefined && judged[setting]?.(value, wanted) === false;
    });
    if (differences.length === 0) return [];
    const said = differences.map(([setting, wanted]) => `${setting} is ${settings[setting]} instead of ${wanted}`).join(', ');
    const command = `kafka-configs.sh --bootstrap-server ${brokers.join(',')} --alter --entity-type topics --entity-name ${name} --add-config ${differences.map((pair) => pair.join('=')).join(',')}`;
    return [{ said: `${name}: ${said}`, command }];
  });
  if (differing.length === 0) return;
  throw new MillraceError('TOPIC_DIFFERS', `topics exist with settings that lose records or change their times: ${differing.map(({ said }) => said).join('; ')}`, {
    hint: `see docs/runbooks/topic-differs.md; what sets them right: ${differing.map(({ command }) => command).join('; ')}`,
  });
}

/** Whether one replica of three or more is enough for an acknowledgement: what it alone has may be lost with it. */
export function acknowledgedByOne(replicas: number, settings: TopicSettings | undefined): boolean {
  return replicas >= 3 && Number(settings?.[ACKNOWLEDGED_BY] ?? 2) < 2;
}

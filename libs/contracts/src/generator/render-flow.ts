/** Text of docs/flow.md. */
import { arrows, services, topology, type TopicSpec } from '../topology.ts';

const kept = (topic: TopicSpec): string => (topic.kept === 'compact' ? 'newest of each key' : topic.kept === Infinity ? 'for ever' : `${topic.kept} d`);
const partitions = { one: '1', lane: 'L', slot: 'L·k' };

/** The table of topics and the list of arrows, as Markdown. */
export function renderFlow(): string {
  const rows = topology.map(
    (topic) =>
      `| \`${topic.name}\` | ${partitions[topic.partitions]} | ${topic.producer} | ${[...topic.consumers, ...topic.projections.map((party) => `(${party})`)].join(', ') || '–'} | ${topic.events.map((event) => event.stem).join(', ')} | ${topic.key} | ${kept(topic)} | ${topic.about} |`,
  );
  const lines = arrows().map((arrow) => `- \`${arrow.topic}\`: ${arrow.from} → ${arrow.to}${arrow.forward < 0 ? ' **(back: closes the loop)**' : arrow.forward === 0 ? ' (itself)' : ''}`);
  return [
    '# Flow',
    '',
    'Generated from `libs/contracts/src/topology.ts` by `npm run generate`. Do not edit.',
    '',
    `Services in order: ${services.join(' → ')}. L = lanes, k = slots per lane. Names in brackets keep a read model or an archive and publish nothing.`,
    '',
    '| topic | partitions | producer | consumers | events | key | kept | about |',
    '|---|---|---|---|---|---|---|---|',
    ...rows,
    '',
    '## Arrows',
    '',
    ...lines,
    '',
  ].join('\n');
}

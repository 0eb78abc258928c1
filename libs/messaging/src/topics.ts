import { topology, type TopicSpec } from '@millrace/contracts';
import type { Declared } from './runtime/catalogue.ts';
import type { Workspace } from './workspace.ts';

/** A topic as it must exist at the broker. */
export interface TopicToEnsure {
  readonly name: string;
  readonly partitions: number;
  readonly configs: Readonly<Record<string, string>>;
}

const dayMs = 86_400_000;

/** Topics of a workspace: those of every workspace, and one for each declared stream and model. */
export function topicsFor(workspace: Workspace, declared: Declared): TopicToEnsure[] {
  return topology.flatMap((spec) => namesOf(spec, workspace, declared).map((name) => ({ name, partitions: workspace.partitions(spec), configs: configsOf(spec) })));
}

function namesOf(spec: TopicSpec, workspace: Workspace, declared: Declared): string[] {
  if (spec.name.includes('<stream>')) return declared.streams.map((stream) => workspace.topic(spec.name, { stream }));
  if (spec.name.includes('<model>')) return declared.models.map((model) => workspace.topic(spec.name, { model }));
  return [workspace.topic(spec.name)];
}

// Append time: a replayed old event time must not be deleted as expired, and the merge of ingestion goes by it.
function configsOf(spec: TopicSpec): Record<string, string> {
  const time = { 'message.timestamp.type': 'LogAppendTime' };
  if (spec.kept === 'compact') return { ...time, 'cleanup.policy': 'compact' };
  // No limit by size either, whatever the broker's own is: time alone decides.
  return { ...time, 'cleanup.policy': 'delete', 'retention.ms': String(spec.kept === Infinity ? -1 : spec.kept * dayMs), 'retention.bytes': '-1' };
}

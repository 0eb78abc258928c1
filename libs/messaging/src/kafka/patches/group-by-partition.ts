import type { ProduceMessage } from './slab-produce-body.ts';

type Addressed = ProduceMessage & { partition?: number };

interface Grouping {
  topic: string;
  partitionMetadata: unknown[];
  messages: Addressed[];
  partitioner: (choice: { topic: string; partitionMetadata: unknown[]; message: Addressed }) => number;
}

/** Groups messages by partition in one pass; the stock grouping copies each group for every message, which is quadratic. */
export function groupByPartition({ topic, partitionMetadata, messages, partitioner }: Grouping): Record<number, Addressed[]> {
  const groups: Record<number, Addressed[]> = {};
  if (partitionMetadata.length === 0) return groups;
  for (const message of messages) {
    const partition = message.partition ?? partitioner({ topic, partitionMetadata, message });
    const group = groups[partition];
    if (group) group.push(message);
    else groups[partition] = [message];
  }
  return groups;
}

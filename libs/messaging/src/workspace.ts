import { MillraceError, slotOf, type TopicSpec } from '@millrace/contracts';

/** Placeholder values of a topic's name. */
export interface TopicOf {
  readonly model?: string;
  readonly stream?: string;
}

/**
 * Names and counts of one deployment: its prefix stands before topics, groups and writer ids, and lanes and slots never change
 * in its generation.
 *
 * @example new Workspace({ prefix: 'blue', lanes: 1, slots: 2 }).topic('labels.<model>', { model: 'm' }) // 'blue.labels.m'
 */
export class Workspace {
  readonly prefix: string;
  readonly lanes: number;
  readonly slots: number;

  constructor(options: { prefix: string; lanes: number; slots: number }) {
    if (options.prefix && !/^[a-z0-9][a-z0-9-]*$/.test(options.prefix))
      throw new MillraceError('WORKSPACE_INVALID', `the workspace '${options.prefix}' is no name`, { hint: 'use small letters, digits and hyphens in MILLRACE_WORKSPACE' });
    this.prefix = options.prefix;
    this.lanes = options.lanes;
    this.slots = options.slots;
  }

  /** Real name of a topic of topology.ts. */
  topic(name: string, of: TopicOf = {}): string {
    const filled = name.replace('<model>', of.model ?? '<model>').replace('<stream>', of.stream ?? '<stream>');
    if (filled.includes('<')) throw new MillraceError('TOPIC_UNNAMED', `${name} needs a name in place of its placeholder`);
    return this.prefix ? `${this.prefix}.${filled}` : filled;
  }

  partitions(spec: Pick<TopicSpec, 'partitions'>): number {
    if (spec.partitions === 'one') return 1;
    return spec.partitions === 'lane' ? this.lanes : this.lanes * this.slots;
  }

  /** Consumer group of a handler group: the name of the state that it writes for. */
  group(service: string, group: string, model?: string): string {
    return [this.prefix || 'millrace', service, group, ...(model ? [model] : [])].join('.');
  }

  /** Id of the transactional writer of a partition: the lock of its state. */
  writerId(service: string, group: string, model: string | undefined, partition: number): string {
    return `${this.group(service, group, model)}.${partition}`;
  }

  /** Partition for an event that a loop of partition `own` writes. */
  partitionFor(spec: Pick<TopicSpec, 'partitions'>, per: 'one' | 'lane' | 'slot', own: number, eventId: Uint8Array | undefined): number {
    if (spec.partitions === 'one' || per === 'one') return 0;
    if (spec.partitions === 'slot' && per === 'lane') {
      if (!eventId) throw new MillraceError('SLOT_UNKNOWN', 'an event without eventId cannot be given to a slot');
      return slotOf(eventId, own, this.slots);
    }
    return own;
  }
}


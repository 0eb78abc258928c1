import type { KafkaCluster } from '../kafka/cluster.ts';
import { LaneMembership } from '../kafka/lane-membership.ts';
import type { LoopLog } from './loop-log.ts';

/** How instances of one service share lanes: `static` = this one has all, `group` = by membership of a consumer group. */
export type Sharing = 'static' | 'group';

/**
 * Which lanes, slots or deciders belong to this instance. It may be wrong at any time: the lock is the writer of each lane, and an
 * instance that lost one is fenced at its next transaction.
 */
export class LaneOwnership {
  private readonly sharing: Sharing;
  private readonly cluster: KafkaCluster;
  private readonly instance: string;
  private readonly log: LoopLog;
  private readonly memberships = new Map<string, { held: Set<number>; joined: Promise<LaneMembership> }>();

  constructor(options: { sharing: Sharing; cluster: KafkaCluster; instance: string; log: LoopLog }) {
    this.sharing = options.sharing;
    this.cluster = options.cluster;
    this.instance = options.instance;
    this.log = options.log;
  }

  /** Lanes of a group that belong here now; `changed` is called after each change. */
  lanes(group: string, topic: string, count: number, changed: () => Promise<void>): readonly number[] {
    if (this.sharing === 'static') return Array.from({ length: count }, (_, lane) => lane);
    let membership = this.memberships.get(group);
    if (!membership) this.memberships.set(group, (membership = this.join(group, topic, count, changed)));
    return [...membership.held].sort((a, b) => a - b);
  }

  /** Leaves all groups, so that others take over at once. */
  async leave(): Promise<void> {
    await Promise.all([...this.memberships.values()].map(async ({ joined }) => (await joined).leave()));
  }

  private join(group: string, topic: string, count: number, changed: () => Promise<void>): { held: Set<number>; joined: Promise<LaneMembership> } {
    const held = new Set<number>();
    const joined = LaneMembership.join(this.cluster, {
      group, topics: [topic], lanes: count, instance: this.instance,
      onAssigned: async (lanes) => {
        for (const lane of lanes) held.add(lane);
        await changed();
      },
      onRevoked: async (lanes) => {
        for (const lane of lanes) held.delete(lane);
        await changed();
      },
      onCrash: (error) => {
        this.log.error(`the membership of ${group} ended: ${error.message}; the process ends so that it is started anew`);
        process.exit(70);
      },
    });
    // Supervision starts the process anew; without a membership it would own nothing for ever.
    joined.catch((error: Error) => {
      this.log.error(`${group} cannot be joined: ${error.message}`);
      process.exit(70);
    });
    return { held, joined };
  }
}

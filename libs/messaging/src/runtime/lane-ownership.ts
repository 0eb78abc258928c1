import type { KafkaCluster } from '../kafka/cluster.ts';
import { LaneMembership } from '../kafka/lane-membership.ts';
import type { Claim } from './claim.ts';

/** How instances of one service share lanes: `static` = this one has all, `group` = by membership of a consumer group. */
export type Sharing = 'static' | 'group';

interface Membership {
  readonly held: Set<number>;
  readonly joined: Promise<LaneMembership | undefined>;
  group?: LaneMembership;
}

/**
 * Which lanes, slots or deciders belong to this instance. It may be wrong at any time: the lock is the writer of each lane, and an
 * instance that lost one is fenced at its next transaction.
 */
export class LaneOwnership {
  private readonly sharing: Sharing;
  private readonly cluster: KafkaCluster;
  private readonly instance: string;
  private readonly lost: (reason: string) => void;
  private readonly memberships = new Map<string, Membership>();
  private leaving = false;

  /** `lost` is called when a membership has ended for good: without one this instance would own nothing for ever. */
  constructor(options: { sharing: Sharing; cluster: KafkaCluster; instance: string }, lost: (reason: string) => void) {
    this.sharing = options.sharing;
    this.cluster = options.cluster;
    this.instance = options.instance;
    this.lost = lost;
  }

  /** Lanes of a group that belong here now; `changed` is called after each change. */
  lanes(group: string, topic: string, count: number, changed: () => Promise<void>): readonly number[] {
    if (this.sharing === 'static') return Array.from({ length: count }, (_, lane) => lane);
    let membership = this.memberships.get(group);
    if (!membership) this.memberships.set(group, (membership = this.join(group, topic, count, changed)));
    return [...membership.held].sort((a, b) => a - b);
  }

  /** What the loop of a group's lane has to show: a member that stood still is confirmed without the lanes that went to others meanwhile. */
  claim(group: string, lane: number): Claim {
    const sole = this.sharing === 'static';
    const confirmedSince = (at: number): boolean => {
      const membership = this.memberships.get(group)?.group;
      return membership !== undefined && membership.confirmedAt > at && membership.lanes.includes(lane);
    };
    return { sole, confirmedSince: sole ? () => true : confirmedSince };
  }

  /** Leaves all groups, so that others take over at once. */
  async leave(): Promise<void> {
    this.leaving = true;
    await Promise.all([...this.memberships.values()].map(async ({ joined }) => (await joined)?.leave()));
  }

  private join(group: string, topic: string, count: number, changed: () => Promise<void>): Membership {
    const held = new Set<number>();
    const lost = (reason: string): void => {
      if (!this.leaving) this.lost(reason);
    };
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
      onCrash: (error) => lost(`the membership of ${group} ended: ${error.message}`),
    }).catch((error: Error) => void lost(`${group} cannot be joined: ${error.message}`));
    const membership: Membership = { held, joined };
    void joined.then((group) => group && (membership.group = group));
    return membership;
  }
}

import type { Consumer } from 'kafkajs';
import type { KafkaCluster } from './cluster.ts';
import { kafkaError } from './kafka-error.ts';
import { laneAssigner } from './lane-assigner.ts';
import { installPatches } from './patches/install-patches.ts';

export interface MembershipOptions {
  group: string;
  /** Topics whose partition n belongs to lane n. */
  topics: readonly string[];
  lanes: number;
  /** Name of this instance, stable over restarts: it decides which lanes come here. */
  instance: string;
  /** Lanes that came; called after `onRevoked` of the same change. */
  onAssigned(lanes: number[]): void | Promise<void>;
  /** Lanes that went. Their new owner fences this one, so a late stop does no harm. */
  onRevoked(lanes: number[]): void | Promise<void>;
  /** The membership has ended for good by an error; the process should end. */
  onCrash(error: Error): void;
  /** After this long without a heartbeat the lanes go to others. Default 3,000. */
  sessionTimeoutMs?: number;
  heartbeatIntervalMs?: number;
  rebalanceTimeoutMs?: number;
}

/**
 * Membership of a consumer group that only says which lanes belong here. It reads no data: everything is paused at every join,
 * and the lanes fetch by themselves. It may be wrong at any time; the lanes' writers, not the group, are the lock.
 *
 * @example await LaneMembership.join(cluster, { group: 'ws.feature-store.lane', topics: ['event-ingested'], lanes: 4, instance: 'fs-1', onAssigned, onRevoked, onCrash });
 */
export class LaneMembership {
  private readonly options: MembershipOptions;
  private readonly consumer: Consumer;
  private held: number[] = [];
  private changes: Promise<void> = Promise.resolve();
  private left = false;
  private confirmed = 0;
  private answeredAt = 0;

  private constructor(cluster: KafkaCluster, options: MembershipOptions) {
    this.options = options;
    this.consumer = cluster.kafka.consumer({
      groupId: options.group,
      partitionAssigners: [laneAssigner(installPatches().AssignerProtocol, options.instance, options.lanes)],
      sessionTimeout: options.sessionTimeoutMs ?? 3000,
      heartbeatInterval: options.heartbeatIntervalMs ?? 1000,
      rebalanceTimeout: options.rebalanceTimeoutMs ?? 3000,
      // With everything paused this is how long the consumer sleeps between heartbeats.
      maxWaitTimeInMs: 100,
      allowAutoTopicCreation: false,
      retry: { initialRetryTime: 50, maxRetryTime: 1000, retries: 20, restartOnFailure: async () => !this.left },
    });
  }

  /** @throws MillraceError `GROUP_NOT_JOINED` */
  static async join(cluster: KafkaCluster, options: MembershipOptions): Promise<LaneMembership> {
    const membership = new LaneMembership(cluster, options);
    try {
      await membership.start();
      return membership;
    } catch (error) {
      membership.left = true;
      await membership.consumer.disconnect().catch(() => undefined);
      throw kafkaError('GROUP_NOT_JOINED', `joining group ${options.group}`, error);
    }
  }

  /** Lanes that belong here now. */
  get lanes(): readonly number[] {
    return this.held;
  }

  /**
   * Until when this was surely a member of the group (`performance.now()`), with `lanes` as they are now. Whether a lane is among them is a
   * question of its own. It is the time of the answer before the last: an answer may come late, but it was asked for after the one before.
   */
  get confirmedAt(): number {
    return this.confirmed;
  }

  /** Leaves the group, so that others take over at once, and gives back all lanes. */
  async leave(): Promise<void> {
    this.left = true;
    this.change([]);
    await this.changes;
    await this.consumer.disconnect().catch(() => undefined);
  }

  private async start(): Promise<void> {
    const { topics } = this.options;
    this.consumer.on('consumer.group_join', ({ payload }) => {
      // Inside every join: `run` resolves although a first start has crashed, and a restart forgets an earlier pause.
      this.consumer.pause(topics.map((topic) => ({ topic })));
      this.answered();
      this.change(payload.memberAssignment[topics[0]!] ?? []);
    });
    this.consumer.on('consumer.heartbeat', () => this.answered());
    this.consumer.on('consumer.crash', ({ payload }) => {
      if (!payload.restart && !this.left) this.options.onCrash(payload.error);
    });
    await this.consumer.connect();
    await this.consumer.subscribe({ topics: [...topics], fromBeginning: true });
    await this.consumer.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined });
  }

  private answered(): void {
    this.confirmed = this.answeredAt;
    this.answeredAt = performance.now();
  }

  /** Tells the difference to the lanes held before, one change after another. */
  private change(lanes: number[]): void {
    if (this.left && lanes.length > 0) return;
    const before = this.held;
    const now = (this.held = [...lanes].sort((a, b) => a - b));
    const gone = before.filter((lane) => !now.includes(lane));
    const come = now.filter((lane) => !before.includes(lane));
    this.changes = this.changes
      .then(async () => {
        if (gone.length > 0) await this.options.onRevoked(gone);
        if (come.length > 0) await this.options.onAssigned(come);
      })
      .catch((error: unknown) => this.options.onCrash(error as Error));
  }
}

interface ConsumerGroup {
  readonly groupId: string;
  coordinator: unknown;
  readonly cluster: { findGroupCoordinator(lookup: { groupId: string }): Promise<unknown> };
}
interface ConsumerGroupClass {
  readonly prototype: { heartbeat(this: ConsumerGroup, options: { interval: number }): Promise<void> };
}

/**
 * Lets a member ask who coordinates its group now when the coordinator does not answer. kafkajs asks only when it joins: it would go on
 * beating at a broker that is gone, 17 s to some minutes long, while the new coordinator gives its lanes to others.
 */
export function followCoordinator(group: ConsumerGroupClass): void {
  const { prototype } = group;
  const { heartbeat } = prototype;
  prototype.heartbeat = async function (options) {
    try {
      return await heartbeat.call(this, options);
    } catch (error) {
      if ((error as Error).name.startsWith('KafkaJSConnection')) {
        const found = await this.cluster.findGroupCoordinator({ groupId: this.groupId }).catch(() => undefined);
        if (found) this.coordinator = found;
      }
      throw error;
    }
  };
}

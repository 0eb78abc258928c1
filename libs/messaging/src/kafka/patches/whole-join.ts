interface ConsumerGroup {
  readonly groupId: string;
}
interface ConsumerGroupClass {
  readonly prototype: {
    joinAndSync(this: ConsumerGroup): Promise<void>;
    heartbeat(this: ConsumerGroup, options: { interval: number }): Promise<void>;
  };
}
type ProtocolError = new (error: { message: string; type: string; code: number }, options: { retriable: boolean }) => Error;

const REBALANCE_IN_PROGRESS = 27;

/**
 * Lets a member whose joining was cut short join again. kafkajs goes on after a connection error in it: without the member id that the group
 * has forgotten, its heartbeats are never sent; with an assignment that was lost on its way, they are answered, and it keeps the lanes
 * that it had before. Either lasts until the group changes for another reason.
 */
export function joinWhole(group: ConsumerGroupClass, error: ProtocolError): void {
  const { prototype } = group;
  const { joinAndSync, heartbeat } = prototype;
  const halfJoined = new WeakSet<ConsumerGroup>();
  prototype.joinAndSync = async function () {
    halfJoined.add(this);
    await joinAndSync.call(this);
    halfJoined.delete(this);
  };
  // Its runner answers this error by joining.
  prototype.heartbeat = async function (options) {
    if (halfJoined.has(this)) throw new error({ message: `joining ${this.groupId} was cut short`, type: 'REBALANCE_IN_PROGRESS', code: REBALANCE_IN_PROGRESS }, { retriable: false });
    return heartbeat.call(this, options);
  };
}

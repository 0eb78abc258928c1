interface ConsumerGroup {
  readonly groupId: string;
}
interface ConsumerGroupClass {
  readonly prototype: {
    joinAndSync(this: ConsumerGroup): Promise<void>;
    heartbeat(this: ConsumerGroup, options: { interval: number }): Promise<void>;
  };
}
interface Errors {
  readonly KafkaJSError: new (cause: Error) => Error;
  readonly KafkaJSProtocolError: new (error: { message: string; type: string; code: number }, options: { retriable: boolean }) => Error;
}

const REBALANCE_IN_PROGRESS = 27;

/**
 * Lets a member whose joining was cut short join again. kafkajs goes on after a connection error in it: without the member id that the group
 * has forgotten, its heartbeats are never sent; with an assignment that was lost on its way, they are answered, and it keeps the lanes
 * that it had before. Either lasts until the group changes for another reason. Where the coordinator could not even be found, it gives up.
 */
export function joinWhole(group: ConsumerGroupClass, { KafkaJSError, KafkaJSProtocolError }: Errors): void {
  const { prototype } = group;
  const { joinAndSync, heartbeat } = prototype;
  const joining = new WeakMap<ConsumerGroup, Promise<void>>();
  const cutShort = new WeakSet<ConsumerGroup>();
  const join = async (own: ConsumerGroup): Promise<void> => {
    try {
      await joinAndSync.call(own);
      cutShort.delete(own);
    } catch (error) {
      cutShort.add(own);
      // A retriable one: the next try may find it.
      throw (error as Error).name === 'KafkaJSGroupCoordinatorNotFound' ? new KafkaJSError(error as Error) : error;
    }
  };
  // One at a time: several fetchers may ask for it, and the end of one would hide that another was cut short.
  prototype.joinAndSync = function () {
    let whole = joining.get(this);
    if (!whole) {
      whole = join(this).finally(() => joining.delete(this));
      joining.set(this, whole);
    }
    return whole;
  };
  prototype.heartbeat = async function (options) {
    if (joining.has(this)) return;
    // Its runner answers this error by joining.
    if (cutShort.has(this)) throw new KafkaJSProtocolError({ message: `joining ${this.groupId} was cut short`, type: 'REBALANCE_IN_PROGRESS', code: REBALANCE_IN_PROGRESS }, { retriable: false });
    return heartbeat.call(this, options);
  };
}

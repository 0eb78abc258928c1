interface ConsumerGroup {
  /** Time of the newest request to the coordinator, by the clock of the machine. */
  lastRequest: number;
}
interface ConsumerGroupClass {
  readonly prototype: { heartbeat(this: ConsumerGroup, options: { interval: number }): Promise<void> };
}

/**
 * Lets a member of a group beat on when the clock is stepped back. kafkajs compares the time of the last heartbeat with the clock, so it
 * would be silent until the clock has caught up, and the group would give its lanes to others.
 */
export function beatOverClockSteps(group: ConsumerGroupClass): void {
  const { prototype } = group;
  const { heartbeat } = prototype;
  prototype.heartbeat = function (options) {
    if (this.lastRequest > Date.now()) this.lastRequest = 0;
    return heartbeat.call(this, options);
  };
}

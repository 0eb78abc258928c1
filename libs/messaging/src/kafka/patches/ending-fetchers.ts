interface Runner {
  readonly running: boolean;
  readonly fetchManager: { stop(): Promise<void> };
}
interface RunnerClass {
  readonly prototype: { fetch(this: Runner, nodeId: number): Promise<unknown[]> };
}

/**
 * Ends fetchers that begin after their consumer was stopped. kafkajs makes new ones when the brokers of a cluster change; where it is
 * stopped meanwhile, nobody ends these, and since they have nothing to wait for, they never let the process do anything else again.
 */
export function endFetchers(runner: RunnerClass): void {
  const { prototype } = runner;
  const { fetch } = prototype;
  prototype.fetch = function (nodeId) {
    if (!this.running) void this.fetchManager.stop();
    return fetch.call(this, nodeId);
  };
}

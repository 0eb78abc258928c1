interface RequestQueue {
  pending: unknown[];
  scheduleCheckPendingRequests(): void;
}

/**
 * kafkajs arms a timer after every answer, with a negative delay when nothing is throttled: one warning per process and a
 * wasted timer per request. Nothing pends then, and `push` arms the timer itself when something does.
 */
export function skipIdleChecks(queue: { prototype: RequestQueue }): void {
  const schedule = queue.prototype.scheduleCheckPendingRequests;
  queue.prototype.scheduleCheckPendingRequests = function (this: RequestQueue) {
    if (this.pending.length > 0) schedule.call(this);
  };
}

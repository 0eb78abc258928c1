import type { InternalBroker, InternalCluster } from './kafkajs-internals.ts';

/**
 * Ends all connections of a cluster object at once, and lets nothing open them again. kafkajs itself waits for open requests before it
 * closes, and goes on repeating what nobody waits for any more.
 */
export function abandon(connection: InternalCluster, reason: Error): void {
  // 'retriable' is what kafkajs's repetitions go by.
  const end = (): Promise<never> => Promise.reject(Object.assign(new Error(reason.message), { retriable: false }));
  connection.connect = end;
  connection.findBroker = end;
  connection.refreshMetadata = end;
  connection.refreshMetadataIfNecessary = end;
  sever(connection, reason);
  void connection.disconnect().catch(() => undefined);
}

/** Rejects all requests that wait for an answer, and closes the sockets. */
export function sever({ brokerPool: { brokers, seedBroker } }: InternalCluster, reason: Error): void {
  for (const broker of new Set<InternalBroker | undefined>([...Object.values(brokers), seedBroker])) {
    for (const { requestQueue, socket } of broker?.connectionPool.pool ?? []) {
      requestQueue.rejectAll(reason);
      socket?.destroy();
    }
  }
}

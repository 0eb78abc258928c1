import type { InternalCluster, InternalConnection } from './kafkajs-internals.ts';

/**
 * Ends all connections of a cluster object at once, and lets nothing open them again. kafkajs itself waits for open requests before it
 * closes, and goes on repeating what nobody waits for any more.
 */
export function abandon(cluster: InternalCluster, reason: Error): void {
  // 'retriable' is what kafkajs's repetitions go by.
  const end = (): Promise<never> => Promise.reject(Object.assign(new Error(reason.message), { retriable: false }));
  Object.assign(cluster, { connect: end, findBroker: end, refreshMetadata: end, refreshMetadataIfNecessary: end });
  // What runs already does not ask the cluster object any more: connecting tries one seed after another for more than a minute.
  cluster.connectionPoolBuilder.build = end;
  for (const connection of connectionsOf(cluster)) {
    connection.connect = end;
    connection.requestQueue.rejectAll(reason);
    connection.socket?.destroy();
  }
  void cluster.disconnect().catch(() => undefined);
}

function connectionsOf({ brokerPool: { brokers, seedBroker } }: InternalCluster): InternalConnection[] {
  return [...new Set([...Object.values(brokers), seedBroker])].flatMap((broker) => broker?.connectionPool.pool ?? []);
}

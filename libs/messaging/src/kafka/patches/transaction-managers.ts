/** The part of kafkajs's transaction manager that is used from outside of its producer. */
export interface TransactionManager {
  addPartitionsToTransaction(topics: { topic: string; partitions: { partition: number }[] }[]): Promise<void>;
}

interface ManagerOptions {
  cluster: object;
  transactional: boolean;
}

const managers = new WeakMap<object, TransactionManager>();

/**
 * Wraps the factory of transaction managers so that each can be found by the cluster object of its producer. A producer
 * adds its partitions one by one, a round trip each; with the manager all partitions of a transaction are added by one.
 */
export function recordingManagers<M extends TransactionManager>(create: (options: ManagerOptions) => M): (options: ManagerOptions) => M {
  return (options) => {
    const manager = create(options);
    if (options.transactional) managers.set(options.cluster, manager);
    return manager;
  };
}

/** The transaction manager of the producer that owns `cluster`; undefined before its first transaction. */
export function transactionManagerOf(cluster: object): TransactionManager | undefined {
  return managers.get(cluster);
}

interface Lookup {
  groupId: string;
  coordinatorType: number;
}

export interface CoordinatorFinder {
  findGroupCoordinatorMetadata(lookup: Lookup): Promise<unknown>;
}

const KEPT_MS = 1000;

/**
 * Lets one cluster object remember its coordinators for a second: kafkajs asks for them before each of four requests of a
 * transaction. Only for producers, which are dropped after any error, so a stale entry dies with its user.
 */
export function rememberCoordinators(cluster: CoordinatorFinder): void {
  const find = cluster.findGroupCoordinatorMetadata.bind(cluster);
  const known = new Map<string, { metadata: unknown; foundAt: number }>();
  cluster.findGroupCoordinatorMetadata = async (lookup) => {
    const key = `${lookup.coordinatorType}|${lookup.groupId}`;
    const entry = known.get(key);
    if (entry && performance.now() - entry.foundAt < KEPT_MS) return entry.metadata;
    const metadata = await find(lookup);
    known.set(key, { metadata, foundAt: performance.now() });
    return metadata;
  };
}

/** What is used of kafkajs beyond its public types; `patches/kafkajs-modules.ts` asserts that the code behind it is unchanged. */
export interface InternalCluster {
  /** Read by producers for everything but sends; kafkajs itself leaves it unset, which means 300 ms and 5 tries. */
  retry?: RetrySettings;
  isolationLevel?: number;
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  isConnected(): boolean;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  addMultipleTargetTopics(topics: string[]): Promise<void>;
  findBroker(node: { nodeId: string }): Promise<InternalBroker>;
  findTopicPartitionMetadata(topic: string): { partitionId: number; leader: number }[];
  findGroupCoordinatorMetadata(lookup: { groupId: string; coordinatorType: number }): Promise<unknown>;
  fetchTopicsOffset(topics: { topic: string; partitions: { partition: number }[]; fromBeginning?: boolean }[]): Promise<{ topic: string; partitions: { partition: number; offset: string }[] }[]>;
  removeBroker(address: { host: string; port: number }): void;
  brokerPool: { brokers: Record<string, InternalBroker>; seedBroker?: InternalBroker };
  connectionPoolBuilder: { build(address?: { host: string; port: number }): Promise<unknown> };
}

export interface InternalBroker {
  nodeId: string;
  connectionPool: {
    host: string;
    port: number;
    pool: InternalConnection[];
    send<Answer>(call: ProtocolCall<Answer>): Promise<Answer>;
  };
  disconnect(): Promise<void>;
}

/** Every socket is opened by its `connect`. */
export interface InternalConnection {
  requestQueue: { rejectAll(error: Error): void };
  socket?: { destroy(): void };
  connect(): Promise<unknown>;
}

/** A request in kafkajs's own shape: encoded, answered and decoded by its connection. */
export interface ProtocolCall<Answer> {
  request: { apiKey: number; apiVersion: number; apiName: string; encode(): Promise<{ buffer: Buffer }> };
  response: { decode(payload: Buffer): Promise<Answer>; parse(decoded: Answer): Promise<Answer> };
  requestTimeout: number;
}

export interface RetrySettings {
  initialRetryTime: number;
  maxRetryTime: number;
  retries: number;
}

export interface ClusterOptions {
  metadataMaxAge?: number;
  allowAutoTopicCreation?: boolean;
  maxInFlightRequests?: number;
  isolationLevel?: number;
}

/** The factory of clusters (connections and metadata) inside a Kafka instance, one call per producer, consumer or admin. */
export type ClusterFactory = (options: ClusterOptions) => InternalCluster;

const CREATE_CLUSTER = 'private:Kafka:createCluster';

export function clusterFactory(kafka: object): { create: ClusterFactory; replace(create: ClusterFactory): void } {
  const symbol = Object.getOwnPropertySymbols(kafka).find(({ description }) => description === CREATE_CLUSTER);
  // The hash of kafkajs's src/index.js is asserted, so this cannot happen with the version that is pinned.
  if (!symbol) throw new TypeError(`kafkajs has no ${CREATE_CLUSTER}`);
  const holder = kafka as Record<symbol, ClusterFactory>;
  return { create: holder[symbol]!, replace: (create) => void (holder[symbol] = create) };
}

export { createTopic } from './create-topic.ts';
export { ApiKey, FaultProxy, type Fault, type FaultRule, type SeenRequest } from './fault-proxy.ts';
export { readTopic, stableEnds, type Isolation, type KafkaRecord, type ReadTopic } from './kcat.ts';
export { testDatabase, testKafka, testWorkspace } from './shared-servers.ts';
export { until } from './until.ts';

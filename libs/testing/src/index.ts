export { createTopic } from './create-topic.ts';
export { ApiKey, FaultProxy, type Fault, type FaultRule, type SeenRequest } from './fault-proxy.ts';
export { readTopic, stableEnds, type Isolation, type KafkaRecord, type ReadTopic } from './kcat.ts';
export { publish, type EventSender, type PublishTo } from './publish.ts';
export { readEvents } from './read-events.ts';
export { ServiceProcess, type ServiceStart } from './service-process.ts';
export { testDatabase, testKafka, testWorkspace } from './shared-servers.ts';
export { until } from './until.ts';

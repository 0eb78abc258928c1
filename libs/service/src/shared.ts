import type { BundleStore } from '@millrace/archive';
import type { KafkaCluster, KafkaStrategy, Workspace } from '@millrace/messaging';
import type { Door } from './http/door.ts';
import type { ServiceLog } from './service-log.ts';
import type { serviceOptions } from './service-options.ts';
import type { Values } from './option.ts';

/** What every service has: type and injection token in one. */
export abstract class Shared {
  /** Name of the service. */
  abstract readonly service: string;
  abstract readonly options: Values<typeof serviceOptions>;
  abstract readonly cluster: KafkaCluster;
  abstract readonly workspace: Workspace;
  abstract readonly bundles: BundleStore;
  abstract readonly door: Door;
  abstract readonly log: ServiceLog;
  /** Undefined in the process of a job, which reads and writes no topics. */
  abstract readonly strategy: KafkaStrategy | undefined;
  /** Milliseconds since epoch: the only clock. */
  abstract readonly now: () => number;
}

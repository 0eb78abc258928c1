import type { OwnEvent } from './avro/own-events.ts';
import type { LogRecord } from './history/log-record.ts';
import type { TopicKind } from './history/topic-kind.ts';
import type { Violations } from './violations.ts';
import type { World } from './world/world.ts';

/** A record with what it says. */
export interface SeenRecord extends LogRecord {
  readonly kind: TopicKind;
  /** Stream or model of the topic; '' for others. */
  readonly of: string;
  /** Undefined in `events.<stream>`, and where the record is aborted or cannot be decoded. */
  readonly event: OwnEvent | undefined;
}

/**
 * One promise of the platform as a fold over the records of its topics. The world has taken the record in before. Topics come in the
 * order of `topicKinds`, each partition in the order of its offsets.
 */
export interface Check {
  readonly name: string;
  /** What holds, as a sentence. */
  readonly promise: string;
  readonly found: Violations;
  record?(record: SeenRecord, world: World): void;
  /** After the last record. */
  end?(world: World): void | Promise<void>;
}

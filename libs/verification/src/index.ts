/**
 * The checker: reads what the platform left in its log with a client (kcat, on librdkafka) and a decoder of its own and judges
 * whether the promises hold. It shares no code with what it checks: of the platform it knows only the Avro schemas, as data, and
 * the class of its errors. Whoever adds to it must not import the codec, messaging, features or rollout.
 *
 * @module
 */
export { avroDecoder, type AvroSchema } from './avro/avro-decoder.ts';
export { decodeOwn, schemaIdOf, type OwnEvent } from './avro/own-events.ts';
export type { Accepted, AcceptedList } from './checks/accepted.check.ts';
export type { Fold } from './checks/features.check.ts';
export type { FoldedEvent } from './checks/folded-event.ts';
export type { LabelFold } from './checks/labels.check.ts';
export { archiveIn, type Archive, type ArchivedRow, type Segment } from './history/archive.ts';
export { KafkaLog, type KafkaLogOptions } from './history/kafka-log.ts';
export type { LogRange, LogRecord, LogSource } from './history/log-record.ts';
export { readTopic, stableEnds, type KafkaRecord, type ReadTopic } from './kcat/read-topic.ts';
export type { Isolation } from './kcat/watermarks.ts';
export { verify, verifyLog, type CheckResult, type Progress, type Verdict, type VerifyOptions } from './verify.ts';
export type { Bounds, Violation } from './violations.ts';

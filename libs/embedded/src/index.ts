export { EmbeddedDatabase, type EmbeddedDatabaseOptions } from './embedded-database.ts';
export { EmbeddedKafka, type EmbeddedKafkaOptions } from './embedded-kafka.ts';
export { freePort } from './free-port.ts';
export { infraDirectory } from './infra-directory.ts';
export { requireJava, type Java } from './require-java.ts';
export { requireMaven } from './require-maven.ts';
export { isRunning } from './running-process.ts';
export { requireSpace, requireWritable } from './writable-directory.ts';

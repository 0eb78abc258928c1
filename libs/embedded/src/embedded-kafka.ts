import { readFileSync } from 'node:fs';
import path from 'node:path';
import { BrokerFiles } from './broker-files.ts';
import { formatStorage, type BrokerRuntime } from './broker-command.ts';
import { classArchive } from './class-archive.ts';
import { choosePort } from './free-port.ts';
import { infraDirectory } from './infra-directory.ts';
import { kafkaJars } from './kafka-jars.ts';
import { requireJava } from './require-java.ts';
import type { ServerProcess } from './server-process.ts';
import { startBroker } from './start-broker.ts';
import { requireSpace, requireWritable } from './writable-directory.ts';

const NEEDED_BYTES = 300e6;
const STOP_WITHIN_MS = 6_000;

export interface EmbeddedKafkaOptions {
  /** Logs, ports and pid of this broker; made when missing, continued when not. */
  dataDir: string;
  /** 0 or left out: the port of the last run if it is still free, else a free one. */
  port?: number;
  /** Jars and class archives, shared by all brokers of this machine; default `.cache` beside `infra`. */
  cacheDir?: string;
  /** Default 160. */
  heapMb?: number;
  /** The broker stays when this process ends; default false. */
  outlives?: boolean;
  /** One line for each step that may take seconds. */
  onProgress?: (line: string) => void;
}

/**
 * A real Apache Kafka of one KRaft node on this machine.
 *
 * @example
 * const kafka = await EmbeddedKafka.start({ dataDir: '/tmp/kafka' });
 * // … clients connect to kafka.brokers, '127.0.0.1:23456'
 * await kafka.stop();
 */
export class EmbeddedKafka {
  /** Bootstrap address, `host:port`. */
  readonly brokers: string;
  readonly port: number;
  readonly pid: number;
  private readonly process: ServerProcess;

  private constructor(port: number, process: ServerProcess) {
    this.brokers = `127.0.0.1:${port}`;
    this.port = port;
    this.pid = process.pid;
    this.process = process;
  }

  /**
   * Resolves when groups and transactions can be used.
   * @throws MillraceError JAVA_MISSING, MAVEN_MISSING, MAVEN_FAILED, PORT_IN_USE, DISK_FULL, DIRECTORY_UNREADABLE, ALREADY_RUNNING, KAFKA_FAILED
   */
  static async start(options: EmbeddedKafkaOptions): Promise<EmbeddedKafka> {
    const onProgress = options.onProgress ?? (() => undefined);
    const infra = path.join(infraDirectory(), 'kafka');
    const cacheDir = path.resolve(options.cacheDir ?? path.join(infra, '..', '..', '.cache'));
    const files = new BrokerFiles(path.resolve(options.dataDir));
    requireWritable(files.directory);
    requireSpace(files.directory, NEEDED_BYTES);
    files.requireUnused();
    const java = requireJava();
    const jars = await kafkaJars(path.join(infra, 'pom.xml'), cacheDir, onProgress);
    const logging = path.join(infra, 'log4j2.yaml');
    const template = readFileSync(path.join(infra, 'server.properties'), 'utf8');
    const archive = await classArchive({ java, jars, logging, template, cacheDir, onProgress });
    const runtime: BrokerRuntime = { java, jars, logging, archive, heapMb: options.heapMb ?? 160 };

    const last = files.lastPorts();
    const broker = await choosePort(options.port, last.broker, 'the Kafka broker');
    files.writeProperties(template, { broker, controller: await choosePort(undefined, last.controller, 'the Kafka controller') });
    if (!files.isFormatted) await formatStorage(runtime, files);
    return new EmbeddedKafka(broker, await startBroker(runtime, files, broker, options.outlives ?? false));
  }

  /** Resolves with exit code or signal when the broker has ended, whoever ended it. */
  get exited(): Promise<number | NodeJS.Signals> {
    return this.process.exited;
  }

  /** Orderly end: what is in memory is written and marked as clean. */
  stop(): Promise<void> {
    return this.process.stop('SIGTERM', STOP_WITHIN_MS);
  }

  /** End as by a crash; the next start takes some seconds longer. */
  kill(): Promise<void> {
    return this.process.stop('SIGKILL', STOP_WITHIN_MS);
  }
}

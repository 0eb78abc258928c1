import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import type { BrokerFiles } from './broker-files.ts';
import type { KafkaJars } from './kafka-jars.ts';
import type { Java } from './require-java.ts';
import { diskFull } from './writable-directory.ts';

export interface BrokerRuntime {
  java: Java;
  jars: KafkaJars;
  /** log4j2.yaml */
  logging: string;
  /** Archive of loaded classes to read, if there is one. */
  archive?: string | undefined;
  /** Archive of loaded classes to write at the end. */
  archiveTo?: string;
  heapMb: number;
}

/** How to run a main class of Kafka: flags for a quick start and a small process rather than for the last third of throughput. */
export function brokerCommand(runtime: BrokerRuntime, mainClass: string, args: readonly string[]): { command: string; args: string[] } {
  return {
    command: runtime.java.command,
    args: [
      '-Xms48m',
      `-Xmx${runtime.heapMb}m`,
      '-XX:+UseSerialGC',
      '-XX:TieredStopAtLevel=1',
      // A mismatch of the archive costs a second of start, nothing else; it is no news for the log.
      '-Xshare:auto',
      '-Xlog:disable',
      '-Xlog:all=error:stderr',
      ...(runtime.archive ? [`-XX:SharedArchiveFile=${runtime.archive}`] : []),
      ...(runtime.archiveTo ? [`-XX:ArchiveClassesAtExit=${runtime.archiveTo}`] : []),
      '-Djava.awt.headless=true',
      `-Dlog4j2.configurationFile=${runtime.logging}`,
      '-cp',
      runtime.jars.classPath,
      mainClass,
      ...args,
    ],
  };
}

/** An id for a new cluster; all its nodes are formatted with the same. */
export function newClusterId(): string {
  return randomBytes(16).toString('base64url');
}

/** Prepares an empty folder for a broker, once. */
export async function formatStorage(runtime: BrokerRuntime, files: BrokerFiles, clusterId = newClusterId()): Promise<void> {
  // In one argument: an id may begin with a hyphen.
  const { command, args } = brokerCommand(runtime, 'kafka.tools.StorageTool', ['format', `--cluster-id=${clusterId}`, '-c', files.properties]);
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  const code = await new Promise((resolve, reject) => child.on('error', reject).on('close', resolve));
  if (code === 0) return;
  if (/no space left/i.test(output)) throw diskFull(files.directory);
  throw new MillraceError('KAFKA_FAILED', `the data folder of Kafka could not be prepared: ${output.trim().split('\n').at(-1) ?? ''}`, {
    hint: `empty ${files.directory}, or choose another folder with --data-dir`,
  });
}

import { statSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import { brokerCommand, type BrokerRuntime } from './broker-command.ts';
import type { BrokerFiles } from './broker-files.ts';
import { KafkaProbe } from './kafka-probe.ts';
import { ServerProcess } from './server-process.ts';
import { diskFull } from './writable-directory.ts';

const READY_WITHIN_MS = 60_000;
const KILL_WITHIN_MS = 6_000;

/** A single broker serves when groups and transactions work. */
const servesAll = async (probe: KafkaProbe): Promise<boolean> => (await probe.hasBroker()) && (await probe.warm());

/** Starts the broker of formatted files and waits until it serves. The process is ended when it does not. */
export async function startBroker(runtime: BrokerRuntime, files: BrokerFiles, port: number, outlives: boolean, serves = servesAll): Promise<ServerProcess> {
  const logStart = statSync(files.log, { throwIfNoEntry: false })?.size ?? 0;
  const process = await ServerProcess.start({ ...brokerCommand(runtime, 'kafka.Kafka', [files.properties]), logFile: files.log, outlives });
  files.writePid(process.pid);
  try {
    await ready(process, port, serves);
  } catch (cause) {
    await process.stop('SIGKILL', KILL_WITHIN_MS);
    throw explain(process.complaints(logStart), files, port, cause);
  }
  return process;
}

async function ready(process: ServerProcess, port: number, serves: (probe: KafkaProbe) => Promise<boolean>): Promise<void> {
  const until = Date.now() + READY_WITHIN_MS;
  for (let cause: unknown; ; await delay(25)) {
    if (process.hasEnded) throw new Error('it ended while starting');
    if (Date.now() > until) throw new Error(`it was not ready after ${READY_WITHIN_MS / 1000} s`, { cause });
    try {
      const probe = await KafkaProbe.connect(port);
      try {
        if (await serves(probe)) return;
      } finally {
        probe.close();
      }
    } catch (error) {
      cause = error;
    }
  }
}

function explain(complaints: string[], files: BrokerFiles, port: number, cause: unknown): MillraceError {
  const reason = complaints.join(' | ');
  if (/no space left/i.test(reason)) return diskFull(files.directory, cause);
  if (/address already in use|failed to bind/i.test(reason)) {
    return new MillraceError('PORT_IN_USE', `port ${port} for the Kafka broker, or that of its controller, was taken while it started`, {
      retriable: true,
      hint: 'start again',
      cause,
    });
  }
  if (/can't read version|UnsupportedVersionException/i.test(reason))
    return new MillraceError('KAFKA_DATA_NEWER', `${files.directory} was written by a newer Kafka than the embedded one`, { hint: 'npm run clean removes the data of this platform; or use another data folder', cause });
  const said = cause instanceof Error ? cause.message : String(cause);
  return new MillraceError('KAFKA_FAILED', `the Kafka broker did not start, ${said}: ${reason}`, { hint: `its log is ${files.log}`, cause });
}

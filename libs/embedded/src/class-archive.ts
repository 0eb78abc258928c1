import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, renameSync, rmSync } from 'node:fs';
import path from 'node:path';
import { formatStorage, type BrokerRuntime } from './broker-command.ts';
import { BrokerFiles } from './broker-files.ts';
import { freePort } from './free-port.ts';
import { startBroker } from './start-broker.ts';

export interface ClassArchiveOptions extends Pick<BrokerRuntime, 'java' | 'jars' | 'logging'> {
  /** server.properties with its placeholders. */
  template: string;
  cacheDir: string;
  onProgress: (line: string) => void;
}

/**
 * An archive of the classes that a broker loads (JDK application class-data sharing, JEP 350): halves each later start. Made once
 * per Java and set of jars by a broker that starts on an empty folder and ends. Undefined when this Java cannot make one.
 */
export async function classArchive(options: ClassArchiveOptions): Promise<string | undefined> {
  const { java, jars, cacheDir } = options;
  const key = createHash('sha256').update(`${java.version}\0${jars.hash}\0${jars.directory}`).digest('hex').slice(0, 16);
  const archive = path.join(cacheDir, 'kafka', `classes-${key}.jsa`);
  if (existsSync(archive)) return archive;
  options.onProgress('preparing a quick start of Kafka (once)');
  mkdirSync(path.dirname(archive), { recursive: true });
  const scratch = mkdtempSync(path.join(cacheDir, 'kafka', '.classes-'));
  try {
    const draft = path.join(scratch, 'classes.jsa');
    const runtime: BrokerRuntime = { ...options, heapMb: 160 };
    const files = new BrokerFiles(path.join(scratch, 'data'));
    mkdirSync(files.directory);
    const port = await freePort();
    files.writeProperties(options.template, { broker: port, controller: await freePort() });
    await formatStorage(runtime, files);
    const broker = await startBroker({ ...runtime, archiveTo: draft }, files, port, false);
    await broker.stop('SIGTERM', 30_000);
    if (!existsSync(draft)) return undefined;
    renameSync(draft, archive);
    return archive;
  } finally {
    rmSync(scratch, { recursive: true, force: true });
  }
}

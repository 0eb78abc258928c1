import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { requireMaven } from './require-maven.ts';
import { diskFull, requireSpace, requireWritable } from './writable-directory.ts';

// The short form of the plugin with a version does not resolve.
const COPY = 'org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy-dependencies';
const NEEDED_BYTES = 200e6;

export interface KafkaJars {
  version: string;
  directory: string;
  /** Names the exact set of jars. */
  hash: string;
  /** All jars in a fixed order, as `-cp` wants them. */
  classPath: string;
}

/**
 * The broker's jars, fetched by Maven at the first call into `<cacheDir>/kafka/<version>/` and taken from there later. The file
 * `.done` holds the hash of the pom they belong to.
 * @throws MillraceError MAVEN_MISSING, MAVEN_FAILED, DISK_FULL, DIRECTORY_UNREADABLE
 */
export async function kafkaJars(pom: string, cacheDir: string, onProgress: (line: string) => void, environment = process.env): Promise<KafkaJars> {
  const text = readFileSync(pom, 'utf8');
  const version = /<kafka\.version>([^<]+)</.exec(text)?.[1];
  if (!version) throw new MillraceError('FILE_INVALID', `${pom} has no property kafka.version`);
  const hash = createHash('sha256').update(text).digest('hex');
  const directory = path.join(cacheDir, 'kafka', version);
  const done = path.join(directory, '.done');
  const complete = (): boolean => existsSync(done) && readFileSync(done, 'utf8').trim() === hash;
  if (!complete()) {
    const maven = requireMaven(environment);
    requireWritable(path.dirname(directory));
    requireSpace(path.dirname(directory), NEEDED_BYTES);
    onProgress(`fetching Apache Kafka ${version} by Maven (once, about 45 MB)`);
    // Into a folder of its own, then renamed: several processes may do this at the same time.
    const draft = mkdtempSync(path.join(path.dirname(directory), `.${version}-`));
    chmodSync(draft, 0o755);
    try {
      await copyDependencies(maven, pom, draft, environment);
      writeFileSync(path.join(draft, '.done'), `${hash}\n`);
      if (!complete()) {
        rmSync(directory, { recursive: true, force: true });
        renameSync(draft, directory);
      }
    } catch (error) {
      if (!complete()) throw error;
    } finally {
      rmSync(draft, { recursive: true, force: true });
    }
  }
  const jars = readdirSync(directory).filter((name) => name.endsWith('.jar')).sort();
  return { version, directory, hash, classPath: jars.map((name) => path.join(directory, name)).join(path.delimiter) };
}

function copyDependencies(maven: string, pom: string, directory: string, environment: NodeJS.ProcessEnv): Promise<void> {
  const child = spawn(maven, ['-B', '-q', '-ntp', '-Dstyle.color=never', '-f', pom, COPY, `-DoutputDirectory=${directory}`, '-DincludeScope=runtime'], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: environment,
  });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()));
  return new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) return resolve();
      if (output.includes('No space left on device')) return reject(diskFull(directory));
      const reason = output.split('\n').filter((line) => line.includes('ERROR')).slice(0, 2).join(' ') || `exit code ${code}`;
      reject(
        new MillraceError('MAVEN_FAILED', `Maven could not fetch the jars of Kafka: ${reason}`, {
          retriable: true,
          hint: `check that Maven reaches its repository (mvn -f ${pom} dependency:resolve), or set KAFKA_BROKERS to the address of a running Kafka`,
        }),
      );
    });
  });
}

import { spawnSync } from 'node:child_process';
import path from 'node:path';
import { MillraceError } from '@millrace/contracts';

const LOWEST = 17;

export interface Java {
  /** Path or name of the executable. */
  command: string;
  /** Full version text of the virtual machine; archives of loaded classes fit exactly one. */
  version: string;
  major: number;
}

/**
 * The Java of JAVA_HOME, else of PATH.
 * @throws MillraceError JAVA_MISSING when there is none or it is older than 17
 */
export function requireJava(environment: NodeJS.ProcessEnv = process.env): Java {
  const home = environment['JAVA_HOME'];
  const command = home ? path.join(home, 'bin', 'java') : 'java';
  const { error, stderr } = spawnSync(command, ['-version'], { encoding: 'utf8', env: environment });
  if (error) throw missing(home ? `JAVA_HOME is ${home}, but there is no bin/java in it` : 'java was not found');
  const major = Number(/version "(\d+)/.exec(stderr)?.[1]);
  // 'Picked up JAVA_TOOL_OPTIONS' and the like may come before the version.
  const version = stderr.split('\n').filter((line) => /version|build/.test(line)).join(' ').trim();
  if (!(major >= LOWEST)) throw missing(`${command} is too old (${version})`);
  return { command, version, major };
}

function missing(what: string): MillraceError {
  return new MillraceError('JAVA_MISSING', what, {
    hint: `install a JDK ${LOWEST} or newer (Debian: apt-get install default-jdk-headless), or set KAFKA_BROKERS to the address of a running Kafka`,
  });
}

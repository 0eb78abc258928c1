import { spawnSync } from 'node:child_process';
import { MillraceError } from '@millrace/contracts';

/**
 * Maven's command, which fetches the jars of the broker.
 * @throws MillraceError MAVEN_MISSING
 */
export function requireMaven(environment: NodeJS.ProcessEnv = process.env): string {
  const command = process.platform === 'win32' ? 'mvn.cmd' : 'mvn';
  const { error, status, stdout } = spawnSync(command, ['--version'], { encoding: 'utf8', env: environment });
  if (!error && status === 0) return command;
  throw new MillraceError('MAVEN_MISSING', error ? 'mvn was not found' : `mvn does not start: ${stdout.trim().split('\n')[0] ?? ''}`, {
    hint: 'install Maven (Debian: apt-get install maven), or set KAFKA_BROKERS to the address of a running Kafka',
  });
}

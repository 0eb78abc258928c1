import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { MillraceError } from '@millrace/contracts';
import { isRunning } from './running-process.ts';

export interface BrokerPorts {
  broker: number;
  controller: number;
  /** Where the other nodes of a cluster come in. */
  replication?: number;
}

/** What lies in the data folder of one broker beside Kafka's own logs. */
export class BrokerFiles {
  readonly directory: string;
  readonly properties: string;
  readonly log: string;
  readonly logDir: string;
  private readonly ports: string;
  private readonly pid: string;

  constructor(directory: string) {
    this.directory = directory;
    this.properties = path.join(directory, 'server.properties');
    this.log = path.join(directory, 'broker.log');
    this.logDir = path.join(directory, 'logs');
    this.ports = path.join(directory, 'ports.json');
    this.pid = path.join(directory, 'broker.pid');
  }

  get isFormatted(): boolean {
    return existsSync(path.join(this.logDir, 'meta.properties'));
  }

  /** Ports of the last run. A torn or missing file counts as no last run. */
  lastPorts(): Partial<BrokerPorts> {
    try {
      return JSON.parse(readFileSync(this.ports, 'utf8')) as BrokerPorts;
    } catch {
      return {};
    }
  }

  /** Fills `${…}` of the template; `more` adds to what is known of every broker. */
  writeProperties(template: string, ports: BrokerPorts, more: Record<string, string> = {}): void {
    const values: Record<string, string> = {
      ...more,
      brokerPort: String(ports.broker),
      controllerPort: String(ports.controller),
      replicationPort: String(ports.replication ?? ports.broker),
      // A backslash begins an escape in a properties file.
      logDir: this.logDir.replaceAll('\\', '/'),
    };
    writeFileSync(this.properties, template.replaceAll(/\$\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole));
    writeFileSync(this.ports, JSON.stringify(ports));
  }

  writePid(pid: number): void {
    writeFileSync(this.pid, String(pid));
  }

  /**
   * Two brokers on one folder would destroy each other's logs.
   * @throws MillraceError ALREADY_RUNNING
   */
  requireUnused(): void {
    const pid = existsSync(this.pid) ? Number(readFileSync(this.pid, 'utf8')) : 0;
    if (!isRunning(pid, this.properties)) return;
    throw new MillraceError('ALREADY_RUNNING', `a Kafka broker (process ${pid}) already uses ${this.directory}`, {
      hint: `millrace runs already, or was killed and left it behind: then end it by 'kill ${pid}'; or choose another folder with --data-dir`,
    });
  }
}

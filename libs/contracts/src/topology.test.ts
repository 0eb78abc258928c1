import { describe, expect, it } from '@jest/globals';
import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { generateClasses } from './generator/generate.ts';
import { renderFlow } from './generator/render-flow.ts';
import { allEvents, arrows, eventIdOf, murmur3, schemaIds, slotOf, topology } from './index.ts';

const library = join(import.meta.dirname, '..');

describe('topology', () => {
  it('has exactly one arrow back: rollouts to inference', () => {
    expect(arrows().filter((arrow) => arrow.forward < 0).map(({ topic, to }) => [topic, to])).toEqual([['rollouts', 'inference']]);
  });

  it('names each topic once, so that each has one producer', () => {
    const names = topology.map((topic) => topic.name);
    expect(new Set(names).size).toBe(names.length);
  });

  it('carries each event in exactly one topic', () => {
    const carried = topology.flatMap((topic) => topic.events.map((event) => event.stem)).filter((stem) => stem !== 'event-posted');
    expect([...carried].sort()).toEqual(readdirSync(join(library, 'schemas')).map((file) => file.replace('.avsc', '')).sort());
  });

  it('gives each event an id of its own below 1000', () => {
    const ids = Object.values(schemaIds);
    expect(new Set(ids).size).toBe(allEvents.length);
    expect(Math.max(...ids)).toBeLessThan(1000);
  });
});

describe('generated files', () => {
  it('are what the generator writes', () => {
    const committed = new Map(readdirSync(join(library, 'src/generated')).map((file) => [file, readFileSync(join(library, 'src/generated', file), 'utf8')]));
    expect(committed).toEqual(generateClasses());
    expect(readFileSync(join(library, '../../docs/flow.md'), 'utf8')).toBe(renderFlow());
  });

  it('document every field', () => {
    const undocumented: string[] = [];
    const visit = (type: any, path: string): void => {
      if (Array.isArray(type)) return type.forEach((branch) => visit(branch, path));
      if (type === null || typeof type !== 'object') return;
      if (['record', 'enum', 'fixed'].includes(type.type) && !type.doc) undocumented.push(path);
      for (const field of type.fields ?? []) {
        if (!field.doc) undocumented.push(`${path}.${field.name}`);
        visit(field.type, `${path}.${field.name}`);
      }
      for (const inner of [type.items, type.values]) visit(inner, path);
    };
    for (const event of allEvents) visit(event.schema, event.stem);
    expect(undocumented).toEqual([]);
  });
});

describe('identity', () => {
  // Computed by Python: hashlib.sha256(b"departures\0" + b"4711").hexdigest()[:32]; mmh3.hash(…, signed=False)
  it('derives event ids and slots as documented', () => {
    expect(eventIdOf('departures', 4711).toString('hex')).toBe('d602185443e5cc3cd71cc8d173740305');
    expect(eventIdOf('departures', '4711')).toEqual(eventIdOf('departures', 4711n));
    expect(murmur3(Buffer.from('hello'))).toBe(613153351);
    expect(murmur3(Buffer.from(''))).toBe(0);
    expect(murmur3(Buffer.from('hello, world'))).toBe(345750399);
  });

  it('spreads events evenly over the slots of a lane', () => {
    const counts = [0, 0, 0, 0];
    for (let i = 0; i < 10_000; i++) counts[slotOf(eventIdOf('s', i), 1, 2)]!++;
    expect(counts.slice(0, 2)).toEqual([0, 0]);
    expect(Math.abs(counts[2]! - 5000)).toBeLessThan(250);
  });
});

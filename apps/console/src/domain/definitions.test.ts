import { describe, expect, it } from '@jest/globals';
import { DefinitionApplied, WorkspaceCreated, type Event } from '@millrace/contracts';
import { defineStream, instant, toCanonical, whole } from '@millrace/definitions';
import type { Read } from '@millrace/messaging';
import { ApplyDefinitionsHandler } from '../handlers/apply-definitions.handler.ts';
import { checkDefinitions } from './check-definitions.ts';
import { ApplyDefinitions, Definitions, type CheckedSet, type DefinitionsState } from './definitions.ts';
import { schemasAfter } from './stream-schemas.ts';

const setOf = (names: readonly string[], models: readonly string[] = []): CheckedSet => {
  const definitions = JSON.stringify({ streams: names.map((name) => ({ name })), models: models.map((name) => ({ name })) });
  return { definitions, hash: `hash of ${definitions}`, schemas: names.map((stream) => ({ stream, schema: `schema of ${stream}` })), models };
};
const apply = (state: DefinitionsState, set: CheckedSet): Event[] => {
  const event = new ApplyDefinitions({ set, by: 'ann', lanes: 1, slots: 2 });
  return [...new ApplyDefinitionsHandler().decide(state, { event } as Read<ApplyDefinitions>, 7000)];
};
const after = (...sets: CheckedSet[]): DefinitionsState => sets.reduce((state, set) => (apply(state, set) as (WorkspaceCreated | DefinitionApplied)[]).reduce(Definitions.evolve, state), Definitions.initial);

describe('applying definitions', () => {
  it('creates the workspace before the first set', () => {
    const set = setOf(['arrivals', 'departures'], ['delay']);
    expect(apply(Definitions.initial, set)).toEqual([
      new WorkspaceCreated({ lanes: 1, slots: 2, createdAt: 7000 }),
      new DefinitionApplied({ hash: set.hash, definitions: set.definitions, appliedAt: 7000, by: 'ann', schemas: [{ stream: 'arrivals', schemaId: 1000, schema: 'schema of arrivals' }, { stream: 'departures', schemaId: 1001, schema: 'schema of departures' }] }),
    ]);
  });

  it('writes nothing for the set in force, and only the set for another one', () => {
    const state = after(setOf(['arrivals']));
    expect(apply(state, setOf(['arrivals']))).toEqual([]);
    expect(apply(state, setOf(['arrivals', 'departures'])).map((event) => event.constructor.name)).toEqual(['DefinitionApplied']);
  });

  it('refuses to drop a stream or a model', () => {
    const state = after(setOf(['arrivals', 'departures'], ['delay', 'cancelled']));
    expect(() => apply(state, setOf(['arrivals'], ['delay']))).toThrow('the set lacks stream departures, model cancelled: what was applied once cannot be removed yet');
  });
});

describe('schemasAfter', () => {
  const of = (schema: string) => [{ stream: 's', schema }];
  it('keeps the id of an unchanged schema and never gives one twice', () => {
    const first = schemasAfter([], [...of('A'), { stream: 't', schema: 'T' }]);
    const second = schemasAfter(first, [...of('B'), { stream: 't', schema: 'T' }]);
    const third = schemasAfter(second, of('A'));
    expect(third.map(({ stream, schemaId, schema }) => `${stream} ${schemaId} ${schema}`)).toEqual(['s 1000 A', 't 1001 T', 's 1002 B', 's 1003 A']);
    expect(schemasAfter(third, of('A'))).toEqual(third);
  });
});

describe('checkDefinitions', () => {
  const arrivals = defineStream('arrivals', { fields: { flight: whole(), landedAt: instant() }, id: 'flight', eventTime: 'landedAt' });
  const { json, hash } = toCanonical({ arrivals }, '2025b');

  it('takes any JSON of a canonical set and gives its hash and schemas', () => {
    expect(checkDefinitions(json)).toMatchObject({ definitions: json, hash, models: [] });
    const set = checkDefinitions(JSON.stringify(JSON.parse(json), null, 2));
    expect(set.hash).toBe(hash);
    expect(JSON.parse(set.schemas[0]!.schema)).toMatchObject({ type: 'record', name: 'Arrivals', fields: [{ name: 'flight', type: 'long' }, { name: 'landedAt' }] });
  });

  it.each([['no JSON', '{'], ['not a set', '{}'], ['an event time that is no instant', json.replace('"eventTime":"landedAt"', '"eventTime":"flight"')]])('refuses %s', (_, text) => {
    expect(() => checkDefinitions(text)).toThrow(expect.objectContaining({ code: 'DEFINITION_INVALID' }));
  });
});

import { expect, it } from '@jest/globals';
import { rebuildSchemaOf, schemaOf } from './schema-of.ts';

it('gives each workspace a schema of its own, none of them the one that another is rebuilt in', () => {
  const workspaces = ['', 'blue', 'blue-rebuild', 'blue--rebuild', '2nd', 'blue-2'];
  const schemas = workspaces.map(schemaOf);
  expect(schemas).toEqual(['millrace', 'blue', 'blue__rebuild', 'blue____rebuild', '_2nd', 'blue__2']);
  expect(schemas.filter((schema) => schemas.map(rebuildSchemaOf).includes(schema))).toEqual([]);
});

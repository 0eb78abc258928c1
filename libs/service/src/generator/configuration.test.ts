import { readFileSync } from 'node:fs';
import path from 'node:path';
import { expect, it } from '@jest/globals';
import { configurationPage } from './generate-configuration.ts';

it('docs/configuration.md is what the options generate: run npm run generate', async () => {
  const committed = readFileSync(path.resolve(import.meta.dirname, '..', '..', '..', '..', 'docs', 'configuration.md'), 'utf8');
  expect(await configurationPage()).toBe(committed);
});

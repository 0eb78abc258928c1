/**
 * Writes src/generated/ (one class per event) from schemas/*.avsc, and docs/flow.md from src/topology.ts.
 * Run by `npm run generate`; a test fails when the result differs from what is committed.
 */
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { renderEvent, renderIndex, renderNamedTypes, type EventSchema } from './render.ts';

const library = join(import.meta.dirname, '..', '..');

/** All generated files of src/generated: name to text. */
export function generateClasses(): Map<string, string> {
  const folder = join(library, 'schemas');
  const events = readdirSync(folder)
    .filter((file) => file.endsWith('.avsc'))
    .sort()
    .map((file): EventSchema => ({ stem: file.slice(0, -'.avsc'.length), schema: JSON.parse(readFileSync(join(folder, file), 'utf8')) }));
  const files = new Map(events.map((event) => [`${event.stem}.ts`, renderEvent(event, events)]));
  files.set('named-types.ts', renderNamedTypes(events));
  files.set('index.ts', renderIndex(events));
  return files;
}

async function main(): Promise<void> {
  const target = join(library, 'src', 'generated');
  rmSync(target, { recursive: true, force: true });
  mkdirSync(target, { recursive: true });
  for (const [name, text] of generateClasses()) writeFileSync(join(target, name), text);
  const { renderFlow } = await import('./render-flow.ts');
  writeFileSync(join(library, '..', '..', 'docs', 'flow.md'), renderFlow());
}

if (process.argv[1] && import.meta.url === pathToFileURL(process.argv[1]).href) await main();

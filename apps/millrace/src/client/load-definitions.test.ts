import { spawnSync } from 'node:child_process';
import { mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';

const here = path.dirname(fileURLToPath(import.meta.url));

/** Definitions are modules that Node itself loads, so a Node of its own loads them here too. */
function load(file: string): { ok?: { hash: string }; code?: string; message?: string } {
  const script = `const { loadDefinitions } = await import(${JSON.stringify(path.join(here, 'load-definitions.ts'))});
    console.log(JSON.stringify(await loadDefinitions(process.argv[1]).then((ok) => ({ ok }), ({ code, message }) => ({ code, message }))));`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const { stdout, stderr } = spawnSync(process.execPath, ['--conditions=@millrace/source', '--input-type=module', '-e', script, file], { encoding: 'utf8', env });
  if (!stdout) throw new Error(stderr);
  return JSON.parse(stdout) as never;
}

describe('a file of definitions', () => {
  let folder: string;
  const write = (name: string, code: string): string => {
    writeFileSync(path.join(folder, name), code);
    return path.join(folder, name);
  };
  beforeAll(() => {
    folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'millrace-definitions-')));
    symlinkSync(path.join(here, '../../../../node_modules'), path.join(folder, 'node_modules'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is loaded from TypeScript', () => {
    expect(load(path.join(here, '../../../../examples/flights/src/definitions.ts')).ok?.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('is refused with file, line and reason', () => {
    const file = write('wrong.ts', `import { defineStream, text } from '@millrace/definitions';\n\nexport const s = defineStream('Bad Name', { fields: { a: text() }, id: 'a', eventTime: 'a' } as never);\n`);
    const { code, message } = load(file);
    expect(code).toBe('DEFINITION_INVALID');
    expect(message).toContain(`${file}:3`);
  });

  it.each([
    ['syntax.ts', 'export const a = 1;\nexport const b = ;\n', 2],
    ['throws.ts', '\n\n\nthrow new Error("not today");\n', 4],
  ])('is refused with its place when it cannot be loaded: %s', (name, source, line) => {
    const file = write(name, source);
    const { code, message } = load(file);
    expect(code).toBe('DEFINITION_INVALID');
    expect(message).toContain(`${file}:${line}`);
  });

  it('is refused when it is not there, or defines nothing', () => {
    expect(load(path.join(folder, 'none.ts')).message).toContain('does not exist');
    expect(load(write('empty.ts', 'export const a = 1;\n')).message).toContain('no definition');
  });
});

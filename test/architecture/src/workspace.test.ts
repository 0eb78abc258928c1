import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkedOutFiles } from './checked-out-files.ts';
import { lintReport } from './lint-report.ts';
import { root } from './root.ts';

interface Package {
  name: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
  nx?: { tags?: string[] };
}

const json = <T>(...names: string[]): T => JSON.parse(readFileSync(path.join(root, ...names), 'utf8')) as T;
const files = checkedOutFiles();
const folders = files.flatMap((file) => /^((?:libs|apps|examples|test)\/[^/]+)\/package\.json$/.exec(file)?.[1] ?? []);
const kinds: Record<string, string> = { apps: 'type:app', examples: 'type:example', test: 'type:test' };
const pure = ['contracts', 'definitions', 'features', 'statistics', 'learning', 'rollout'];

describe('the workspace', () => {
  it('builds each project: the root tsconfig names all of them and no others', () => {
    const referenced = json<{ references: { path: string }[] }>('tsconfig.json').references.map((reference) => path.normalize(reference.path));
    expect(referenced.sort()).toEqual([...folders].sort());
  });

  it.each(folders)('%s has a kind that the boundaries know, and its tests are run', (folder) => {
    const [top = '', name = ''] = folder.split('/');
    const kind = top === 'libs' ? (pure.includes(name) ? 'type:pure' : 'type:io') : kinds[top];
    expect(json<Package>(folder, 'package.json').nx?.tags).toEqual([kind]);
    if (files.some((file) => file.startsWith(`${folder}/`) && file.endsWith('.test.ts'))) expect(existsSync(path.join(root, folder, 'jest.config.mjs'))).toBe(true);
  });

  it('names versions of external packages in one place only', () => {
    const external = folders.flatMap((folder) => {
      const { dependencies, devDependencies } = json<Package>(folder, 'package.json');
      return Object.keys({ ...dependencies, ...devDependencies }).filter((name) => !name.startsWith('@millrace/')).map((name) => `${folder}: ${name}`);
    });
    expect(external).toEqual([]);
    const { dependencies, devDependencies } = json<Package>('package.json');
    expect(Object.entries({ ...dependencies, ...devDependencies }).filter(([, version]) => !/^\d+\.\d+\.\d+(-[\w.]+)?$/.test(version))).toEqual([]);
  });

  it('is locked as it is: run npm install --package-lock-only', () => {
    const { packages } = json<{ packages: Record<string, Package> }>('package-lock.json');
    const declared = ({ name, dependencies = {}, devDependencies = {} }: Package): Package => ({ name, dependencies, devDependencies });
    for (const folder of folders) expect([folder, packages[folder] && declared(packages[folder])]).toEqual([folder, declared(json<Package>(folder, 'package.json'))]);
    expect(declared(packages[''] ?? { name: '' })).toEqual(declared(json<Package>('package.json')));
  });

  it('has references as its imports', () => {
    const nx = path.join(root, 'node_modules', 'nx', 'dist', 'bin', 'nx.js');
    const { status, stdout } = spawnSync(process.execPath, [nx, 'sync:check'], { cwd: root, encoding: 'utf8', env: { ...process.env, NODE_OPTIONS: '', NX_DAEMON: 'false' } });
    expect(status === 0 ? '' : stdout).toBe('');
  }, 120_000);

  it('is free of findings', async () => {
    expect((await lintReport()).findings.map(({ at, line, rule, message }) => `${at}:${line} ${rule}: ${message}`)).toEqual([]);
  }, 240_000);
});

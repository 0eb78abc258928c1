import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkedOutFiles } from './checked-out-files.ts';
import { root } from './root.ts';

const files = checkedOutFiles();
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const pages = files.filter((file) => file.endsWith('.md'));

describe('the documentation', () => {
  it.each(pages)('%s leads to files that are there', (page) => {
    const targets = [...textOf(page).matchAll(/\]\((?!https?:|#)([^)#\s]+)/g)].map(([, target = '']) => target);
    expect(targets.filter((target) => !existsSync(path.join(root, path.dirname(page), target)))).toEqual([]);
  });

  it('has the pages that errors send their readers to', () => {
    const named = files
      .filter((file) => /^(libs|apps)\/.*\.ts$/.test(file))
      .flatMap((file) => [...textOf(file).matchAll(/docs\/(?:runbooks|adr)\/[\w-]+\.md|docs\/(?:architecture|configuration|flow)\.md/g)].map(([page]) => page));
    expect(named).toContain('docs/runbooks/handler-failed.md');
    expect([...new Set(named)].filter((page) => !files.includes(page))).toEqual([]);
  });

  it('names commands that package.json has', () => {
    const { scripts } = JSON.parse(textOf('package.json')) as { scripts: Record<string, string> };
    const named = ['README.md', 'CONTRIBUTING.md'].flatMap((page) => [...textOf(page).matchAll(/npm (?:run ([\w:-]+)|(start|test)\b)/g)].map(([, run, own]) => run ?? own ?? ''));
    expect(named.length).toBeGreaterThan(5);
    expect([...new Set(named)].filter((name) => !(name in scripts))).toEqual([]);
  });

  it('has decision records without gaps, each with its three parts', () => {
    const records = files.filter((file) => /^docs\/adr\/\d{4}-[a-z0-9-]+\.md$/.test(file));
    expect(records.map((file) => Number(path.basename(file).slice(0, 4)))).toEqual(records.map((_, index) => index));
    for (const record of records) expect([record, textOf(record).match(/^## .+$/gm)]).toEqual([record, ['## Context', '## Decision', '## Consequences']]);
  });
});

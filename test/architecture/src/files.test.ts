import { readFileSync } from 'node:fs';
import path from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { checkedOutFiles } from './checked-out-files.ts';
import { root } from './root.ts';

const files = checkedOutFiles();
const textOf = (file: string): string => readFileSync(path.join(root, file), 'utf8');
const isCode = (file: string): boolean => /\.([cm]?[jt]s|py|sql|sh)$/.test(file);

/** Where a word stands, as `file:line: text`. */
const linesWith = (words: RegExp, where: readonly string[]): string[] =>
  where.flatMap((file) => textOf(file).split('\n').flatMap((line, index) => (words.test(line) ? [`${file}:${index + 1}: ${line.trim().slice(0, 120)}`] : [])));

describe('a file', () => {
  it('is there to be looked at', () => {
    expect(files).toContain('libs/contracts/src/topology.ts');
  });

  it('of code has at most 300 lines', () => {
    const long = files.filter((file) => isCode(file) && !file.includes('/generated/')).filter((file) => textOf(file).trimEnd().split('\n').length > 300);
    expect(long).toEqual([]);
  });

  it('has a name that says what it is about', () => {
    const vague = /(^|[-.])(utils?|helpers?|common|manager|misc|types)$/;
    const stem = (file: string): string => path.basename(file).replace(/\.(test|int\.test|e2e\.test|type-test)?\.?[a-z]+$/, '');
    expect(files.filter((file) => isCode(file) && !file.includes('/generated/') && vague.test(stem(file)))).toEqual([]);
    expect(files.flatMap((file) => file.split('/').slice(0, -1).filter((name) => vague.test(name)).map(() => file))).toEqual([]);
  });

  it('of code has a name in kebab-case', () => {
    expect(files.filter((file) => /\.([cm]?[jt]s)$/.test(file) && !/^[a-z0-9]+([-.][a-z0-9]+)*$/.test(path.basename(file)))).toEqual([]);
  });
});

describe('what is written', () => {
  // This file has to name what it looks for.
  const own = 'test/architecture/src/files.test.ts';
  const foreign = (file: string): boolean => file === own || file === 'package-lock.json' || file.startsWith('test/architecture/reference/') || /\.(onnx|parquet|csv|png|svg)$/.test(file);
  const written = files.filter((file) => !foreign(file));

  it('names no folder of a machine', () => {
    expect(linesWith(/(^|[^\w./~}-])\/(work|root|home|Users)\//, written)).toEqual([]);
  });

  it('names no host of a package registry', () => {
    expect(linesWith(/registry\.(npmjs|yarnpkg|[\w-]+\.(com|org|io|net|dev))|repo1?\.maven|artifactory|\w\.internal[:/]/i, [...written, 'package-lock.json'])).toEqual([]);
  });

  it('leaves nothing marked as undone', () => {
    expect(linesWith(/\b(TODO|FIXME)\b/, written)).toEqual([]);
  });
});

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { requireWritable } from './writable-directory.ts';

describe('a folder to keep data in', () => {
  let folder: string;
  beforeAll(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'writable-'));
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  it('is made with its parents', () => {
    requireWritable(path.join(folder, 'a', 'b', 'c'));
    expect(existsSync(path.join(folder, 'a', 'b', 'c'))).toBe(true);
  });

  it('is refused where nothing can be made, at once', () => {
    expect(() => requireWritable('/proc/nothing/here')).toThrow(expect.objectContaining({ code: 'DIRECTORY_UNREADABLE' }));
  });

  it('is refused where a file stands in its way', () => {
    writeFileSync(path.join(folder, 'file'), '');
    expect(() => requireWritable(path.join(folder, 'file', 'data'))).toThrow(expect.objectContaining({ code: 'DIRECTORY_UNREADABLE' }));
  });
});

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { StateFile, readState, type UpState } from './state-file.ts';

// Stands in the command line of this very process.
const mark = 'jest';
const gone = 2 ** 22 - 3;

describe('the state file', () => {
  let folder: string;
  let file: string;
  beforeEach(() => {
    folder = mkdtempSync(path.join(tmpdir(), 'millrace-state-'));
    file = path.join(folder, 'up.json');
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('says what runs, and that nothing does after its end', () => {
    expect(readState(file, mark)).toBeUndefined();
    const { file: state, left } = StateFile.claim(file, mark, 7);
    expect(left).toBeUndefined();
    state.update({ brokers: 'a:1', services: { console: { pid: 1, port: 2, restarts: 0 } } });
    expect(readState(file, mark)).toMatchObject({ pid: process.pid, startedAt: 7, brokers: 'a:1', services: { console: { port: 2 } } });
    state.remove();
    expect(readState(file, mark)).toBeUndefined();
  });

  it('is a lock: a second owner is refused, and the first one keeps its state', () => {
    StateFile.claim(file, mark, 1).file.update({ brokers: 'a:1' });
    expect(() => StateFile.claim(file, mark, 2)).toThrow(`millrace (process ${process.pid}) already runs on ${folder}`);
    expect(readState(file, mark)?.brokers).toBe('a:1');
  });

  it('is taken over from an owner that was killed, with what it left behind', () => {
    const dead: Partial<UpState> = { pid: gone, servers: { kafka: { pid: 5 } } };
    writeFileSync(file, JSON.stringify(dead));
    expect(readState(file, mark)).toBeUndefined();
    const { left } = StateFile.claim(file, mark, 3);
    expect(left?.servers).toEqual({ kafka: { pid: 5 } });
    expect((JSON.parse(readFileSync(file, 'utf8')) as UpState).pid).toBe(process.pid);
  });

  it('is taken over from a stranger who got the process id of a dead owner', () => {
    StateFile.claim(file, 'no command line has this', 1);
    expect(() => StateFile.claim(file, 'no command line has this', 2)).not.toThrow();
  });

  it('is taken over when it is damaged', () => {
    writeFileSync(file, '{"pid":');
    expect(StateFile.claim(file, mark, 3).left).toBeUndefined();
  });

  it('holds a password and is read by nobody else', () => {
    StateFile.claim(file, mark, 1).file.update({ databaseUrl: 'postgres://u:p@h/d' });
    expect(statSync(file).mode & 0o077).toBe(0);
  });
});

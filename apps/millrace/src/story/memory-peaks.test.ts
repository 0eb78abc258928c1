import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { MemoryPeaks } from './memory-peaks.ts';

const hasProc = existsSync('/proc/self/status');
if (!hasProc) console.warn('skipped: peak memory is read from /proc, which this system does not have');
(hasProc ? describe : describe.skip)('peak memory', () => {
  it('is that of the known processes, of their children, and of this one; it outlives them', async () => {
    const child = spawn(process.execPath, ['-e', "require('child_process').spawn('sleep', ['60']); console.log('up'); setInterval(() => {}, 1000)"], { stdio: ['ignore', 'pipe', 'ignore'], detached: true });
    await new Promise((resolve) => child.stdout.once('data', resolve));
    const memory = new MemoryPeaks(() => ({ toy: child.pid! }));
    memory.sample();
    process.kill(-child.pid!, 'SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));
    memory.sample();
    memory.close();
    expect(Object.keys(memory.peaks)).toEqual(expect.arrayContaining(['millrace', 'toy', 'toy (children)']));
    expect(memory.peaks['toy']).toBeGreaterThan(10e6);
  });
});

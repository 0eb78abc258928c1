import { spawn } from 'node:child_process';
import { describe, expect, it } from '@jest/globals';
import { endLeftovers } from './leftovers.ts';
import type { UpState } from './state-file.ts';

describe('what a killed supervisor left behind', () => {
  it('is ended when it works on the data folder; a stranger with its process id is not', async () => {
    const mine = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '/data/toy'], { stdio: 'ignore' });
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)', '/elsewhere'], { stdio: 'ignore' });
    const ended = new Promise((resolve) => mine.once('exit', (_, signal) => resolve(signal)));
    const left = { servers: { kafka: { pid: mine.pid! }, postgres: { pid: stranger.pid! } } } as unknown as UpState;
    expect(await endLeftovers(left, '/data/toy')).toEqual(['kafka']);
    expect(await ended).toBe('SIGINT');
    expect(stranger.exitCode).toBeNull();
    stranger.kill('SIGKILL');
  });
});

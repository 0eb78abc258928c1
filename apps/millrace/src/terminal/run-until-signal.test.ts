import { spawn } from 'node:child_process';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';

const module = path.join(path.dirname(fileURLToPath(import.meta.url)), 'run-until-signal.ts');

/** Runs a program with a cluster that says what is done to it; `script` is its work and its stop. */
async function run({ work, stop = '', signals }: { work: string; stop?: string; signals: { after: string; pauseMs?: number }[] }): Promise<{ said: string[]; code: number | null }> {
  const source = `import { runUntilSignal } from ${JSON.stringify(module)};
    const screen = { status() {}, line: (text) => console.log(text.split(' ')[0]) };
    const forever = () => new Promise((resolve) => setInterval(() => {}, 1000));
    const cluster = { stop: async () => { console.log('stop'); ${stop}; console.log('stopped'); }, kill: () => console.log('kill') };
    const result = await runUntilSignal(cluster, screen, async (signal) => { signal.addEventListener('abort', () => console.log('aborted')); ${work} });
    console.log('result ' + result); process.exit(0);`;
  const { NODE_OPTIONS: _, ...env } = process.env;
  const child = spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'ignore'], env });
  const said: string[] = [];
  const waiting = [...signals];
  child.stdout.on('data', (chunk: Buffer) => {
    for (const line of chunk.toString().trim().split('\n')) {
      said.push(line);
      if (waiting[0]?.after !== line) continue;
      setTimeout(() => child.kill('SIGINT'), waiting.shift()!.pauseMs ?? 0);
    }
  });
  const code = await new Promise<number | null>((resolve) => child.once('close', resolve));
  return { said, code };
}

describe('Ctrl-C', () => {
  it('is not needed by work that ends: all is stopped behind it', async () => {
    expect(await run({ work: 'return 7', signals: [] })).toEqual({ said: ['stop', 'stopped', 'result 7'], code: 0 });
  });

  it('stops all in order, whatever runs', async () => {
    const { said, code } = await run({ work: `console.log('working'); await forever();`, signals: [{ after: 'working' }] });
    expect({ said, code }).toEqual({ said: ['working', 'aborted', 'stopping', 'stop', 'stopped', 'result undefined'], code: 0 });
  });

  it('kills all at the second time', async () => {
    const { said, code } = await run({ work: `console.log('working'); await forever();`, stop: 'await forever()', signals: [{ after: 'working' }, { after: 'stop', pauseMs: 600 }] });
    expect({ said: said.slice(-2), code }).toEqual({ said: ['stop', 'kill'], code: 130 });
  });

  it('counts once when it arrives twice', async () => {
    const { said, code } = await run({ work: `console.log('working'); await forever();`, stop: 'await new Promise((resolve) => setTimeout(resolve, 700))', signals: [{ after: 'working' }, { after: 'stop' }] });
    expect({ last: said.at(-1), killed: said.includes('kill'), code }).toEqual({ last: 'result undefined', killed: false, code: 0 });
  });

  it('is not needed by work that fails: all is stopped, and the error is its caller\'s', async () => {
    const { said, code } = await run({ work: `throw new Error('no Java')`, signals: [] });
    expect({ said, code }).toEqual({ said: ['stop', 'stopped'], code: 1 });
  });
});

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, it } from '@jest/globals';

const program = `
  import { endOnSignal } from ${JSON.stringify(new URL('./end-on-signal.ts', import.meta.url).href)};
  let fail;
  endOnSignal(async () => {
    console.log('first stops');
    fail(new Error('its server has gone'));
    await new Promise((resolve) => setTimeout(resolve, 200));
    console.log('first stopped');
  });
  endOnSignal(() => {
    console.log('second stopped');
    throw new Error('cannot stop');
  });
  setInterval(() => undefined, 1000);
  console.log('ready');
  await new Promise((_, reject) => (fail = reject));
`;

it.each(['SIGINT', 'SIGTERM'] as const)('%s, also twice, ends a command by way of all its stops, each once, whatever fails meanwhile', async (signal) => {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], { stdio: ['ignore', 'pipe', 'ignore'], env: { ...process.env, NODE_OPTIONS: '' } });
  const lines: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.trim().split('\n')) {
      lines.push(line);
      if (line === 'ready' || line === 'first stops') child.kill(signal);
    }
  });
  const [code] = (await once(child, 'close')) as [number | null];
  expect(code).toBe(130);
  expect(lines.sort()).toEqual(['first stopped', 'first stops', 'ready', 'second stopped']);
}, 30_000);

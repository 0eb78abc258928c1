/**
 * The child: loads one model and answers frames on file descriptor 3 (stdout stays free for what ONNX Runtime prints).
 *
 * `run()` blocks this thread, and a hung model cannot be interrupted; so the parent kills from outside, and a second thread ends the
 * process when the parent is gone.
 */
import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

import ort from 'onnxruntime-node';

import { FrameKind, frameHeader, FrameReader } from './frame.ts';

/** Handed over as JSON in the first argument. */
export interface WorkerOrder {
  readonly model: string;
  readonly features: number;
  readonly providers: readonly string[];
  readonly intraOpThreads: number;
  readonly parent: number;
}

const WATCH_PARENT = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL'); }, 250);
`;

const order = JSON.parse(process.argv[2] ?? '{}') as WorkerOrder;
const socket = new Socket({ fd: 3 });

// The parent decides when to end; a Ctrl-C in the terminal reaches the whole group.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
new Worker(WATCH_PARENT, { eval: true, workerData: order.parent }).unref();

function answer(kind: number, id: number, body: Uint8Array): void {
  socket.cork();
  socket.write(frameHeader(kind, id, body.byteLength));
  if (body.byteLength > 0) socket.write(body);
  socket.uncork();
}

function failed(id: number, error: unknown): void {
  answer(FrameKind.FAILED, id, Buffer.from(error instanceof Error ? error.message : String(error), 'utf8'));
}

/** The CUDA provider is not in the package; asking for it in vain prints an error, so look first. */
function stands(provider: string): boolean {
  if (provider === 'cpu') return true;
  const root = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
  if (!existsSync(root)) return false;
  return globSync(`napi-v*/${process.platform}/${process.arch}/*onnxruntime_providers_${provider}.*`, { cwd: root }).length > 0;
}

async function load(): Promise<{ session: ort.InferenceSession; provider: string }> {
  let last: unknown = new Error(`none of the providers ${order.providers.join(', ')} is installed`);
  for (const provider of order.providers.filter(stands)) {
    try {
      const session = await ort.InferenceSession.create(order.model, {
        executionProviders: [provider],
        intraOpNumThreads: order.intraOpThreads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
      });
      return { session, provider };
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

try {
  const { session, provider } = await load();
  if (!session.inputNames.includes('features') || session.inputNames.length !== 1 || !session.outputNames.includes('score')) {
    throw new Error(`the model has inputs ${session.inputNames.join(', ')} and outputs ${session.outputNames.join(', ')}, not 'features' and 'score'`);
  }
  let last: Promise<void> = Promise.resolve();
  const score = async (id: number, body: Uint8Array): Promise<void> => {
    try {
      const values = new Float32Array(body.buffer, body.byteOffset, body.byteLength / 4);
      const rows = values.length / order.features;
      const { score: output } = await session.run({ features: new ort.Tensor('float32', values, [rows, order.features]) }, ['score']);
      const data = output?.data;
      if (!(data instanceof Float32Array) || data.length !== rows) throw new Error(`the output 'score' is not float32 [${rows}]`);
      answer(FrameKind.SCORES, id, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
    } catch (error) {
      failed(id, error);
    }
  };
  const reader = new FrameReader((_, id, body) => {
    last = last.then(() => score(id, body));
  });
  socket.on('data', (chunk: Uint8Array) => reader.push(chunk));
  answer(FrameKind.READY, 0, Buffer.from(provider, 'utf8'));
} catch (error) {
  failed(0, error);
  socket.end();
}

/**
 * The child: takes one model, checks it, loads it and answers frames on file descriptor 3 (stdout stays free for what ONNX Runtime prints).
 *
 * `run()` blocks this thread, and a hung model cannot be interrupted; so the parent kills from outside, and a second thread ends the
 * process when the parent is gone.
 */
import { once } from 'node:events';
import { existsSync, globSync } from 'node:fs';
import { createRequire } from 'node:module';
import { Socket } from 'node:net';
import { dirname, join } from 'node:path';
import { Worker } from 'node:worker_threads';

import ort from 'onnxruntime-node';

import { confine } from './confine.ts';
import { FrameKind, frameHeader, FrameReader } from './frame.ts';
import { checkModel } from './onnx/check-model.ts';
import { ModelRefusal } from './onnx/model-refusal.ts';

/** Handed over as JSON in the first argument. */
export interface WorkerOrder {
  readonly features: number;
  readonly providers: readonly string[];
  readonly intraOpThreads: number;
  readonly memoryLimitMb: number;
  readonly parent: number;
}

/** Body of a FAILED frame. */
export interface WorkerFailure {
  readonly code: 'MODEL_REFUSED' | 'MODEL_LOAD_FAILED' | 'SCORING_FAILED';
  readonly message: string;
  readonly hint?: string | undefined;
}

const WATCH_PARENT = `
  const { workerData } = require('node:worker_threads');
  setInterval(() => { if (process.ppid !== workerData) process.kill(process.pid, 'SIGKILL'); }, 250);
`;
const longestMessage = 2000;

const order = JSON.parse(process.argv[2] ?? '{}') as WorkerOrder;
// Only where points are set: the library costs start-up time.
const failPoint = process.env['MILLRACE_FAIL_POINTS'] ? await armed() : undefined;
const socket = new Socket({ fd: 3 });

// The parent decides when to end; a Ctrl-C in the terminal reaches the whole group.
process.on('SIGINT', () => undefined);
process.on('SIGTERM', () => undefined);
socket.on('close', () => process.exit(0));
socket.on('error', () => process.exit(0));
const watch = new Worker(WATCH_PARENT, { eval: true, workerData: order.parent });

async function armed(): Promise<(point: 'scoring.asked' | 'scoring.computed' | 'scoring.answered') => void | Promise<void>> {
  const failPoints = await import('@millrace/fail-points');
  failPoints.armFromEnvironment(process.env);
  return failPoints.failPoint;
}

async function failsAt(point: 'scoring.computed'): Promise<boolean> {
  try {
    await failPoint?.(point);
    return false;
  } catch {
    return true;
  }
}

function answer(kind: number, id: number, body: Uint8Array): void {
  socket.cork();
  socket.write(frameHeader(kind, id, body.byteLength));
  if (body.byteLength > 0) socket.write(body);
  socket.uncork();
}

function failed(id: number, code: WorkerFailure['code'], error: unknown): void {
  const message = (error instanceof Error ? error.message : String(error)).slice(0, longestMessage);
  const failure: WorkerFailure = error instanceof ModelRefusal ? { code: 'MODEL_REFUSED', message, hint: error.hint } : { code, message };
  answer(FrameKind.FAILED, id, Buffer.from(JSON.stringify(failure), 'utf8'));
}

/** The CUDA provider is not in the package; asking for it in vain prints an error, so look first. */
function stands(provider: string): boolean {
  if (provider === 'cpu') return true;
  const root = join(dirname(createRequire(import.meta.url).resolve('onnxruntime-node/package.json')), 'bin');
  if (!existsSync(root)) return false;
  return globSync(`napi-v*/${process.platform}/${process.arch}/*onnxruntime_providers_${provider}.*`, { cwd: root }).length > 0;
}

const providers = order.providers.filter(stands);
// The second thread reserves addresses of its own, which must not count as the model's.
await once(watch, 'online');
watch.unref();
// The libraries of a graphics card reserve far more addresses than they use.
confine(providers.includes('cuda') ? undefined : order.memoryLimitMb);

/** By the model's bytes: a runtime that was given no path resolves none beside the file. */
async function load(model: Uint8Array): Promise<ort.InferenceSession> {
  checkModel(model, order.features);
  let last: unknown = new Error(`none of the providers ${order.providers.join(', ')} is installed`);
  for (const provider of providers) {
    try {
      const session = await ort.InferenceSession.create(model, {
        executionProviders: [provider],
        intraOpNumThreads: order.intraOpThreads,
        interOpNumThreads: 1,
        executionMode: 'sequential',
      });
      answer(FrameKind.READY, 0, Buffer.from(provider, 'utf8'));
      return session;
    } catch (error) {
      last = error;
    }
  }
  throw last;
}

async function score(session: ort.InferenceSession, id: number, body: Uint8Array): Promise<void> {
  try {
    await failPoint?.('scoring.asked');
    const values = new Float32Array(body.buffer, body.byteOffset, body.byteLength / 4);
    const rows = values.length / order.features;
    const { score: output } = await session.run({ features: new ort.Tensor('float32', values, [rows, order.features]) }, ['score']);
    const data = output?.data;
    if (!(data instanceof Float32Array) || data.length !== rows) throw new Error(`the output 'score' is not float32 [${rows}]`);
    if (await failsAt('scoring.computed')) data[0] = NaN;
    await failPoint?.('scoring.answered');
    answer(FrameKind.SCORES, id, new Uint8Array(data.buffer, data.byteOffset, data.byteLength));
  } catch (error) {
    failed(id, 'SCORING_FAILED', error);
  }
}

let session: ort.InferenceSession | undefined;
let last: Promise<void> = Promise.resolve();

async function receive(kind: number, id: number, body: Uint8Array): Promise<void> {
  if (kind === FrameKind.SCORE && session) return score(session, id, body);
  if (kind !== FrameKind.LOAD || session) return;
  try {
    session = await load(body);
  } catch (error) {
    failed(0, 'MODEL_LOAD_FAILED', error);
    socket.end();
  }
}

const reader = new FrameReader((kind, id, body) => {
  last = last.then(() => receive(kind, id, body));
});
socket.on('data', (chunk: Uint8Array) => reader.push(chunk));

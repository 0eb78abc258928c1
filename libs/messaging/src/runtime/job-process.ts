import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import { EventEncoder, type MillraceError, type Event } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';
import type { JobRun } from '../handlers/job.ts';
import { traceHeaders } from './trace.ts';

/** What the parent sends once. */
export interface JobTask {
  readonly id: string;
  readonly input: unknown;
  readonly headers: Record<string, string>;
}
/** What the child answers: progress any number of times, then one end. */
export type JobMessage =
  | { kind: 'progress'; share: number; text: string; waiting: boolean }
  | { kind: 'done'; events: Uint8Array[]; headers: Record<string, string> }
  | { kind: 'failed'; code: string; text: string; retriable: boolean };

export interface JobHandler {
  run(input: unknown, run: JobRun): Promise<Event | Iterable<Event>>;
}

/**
 * The child's side of a job: takes one task from the parent, runs it, answers, and ends. It also ends when its parent does.
 * SIGTERM aborts the job's signal. SIGINT, which a terminal sends to parent and child alike, is left to the parent.
 */
export async function serveJob(name: string, handler: JobHandler): Promise<void> {
  const controller = new AbortController();
  let scratch: string | undefined;
  const orphaned = (): never => {
    if (scratch) rmSync(scratch, { recursive: true, force: true });
    process.exit(1);
  };
  process.once('disconnect', orphaned);
  if (process.send && !process.connected) orphaned(); // the parent ended while this process was starting
  process.once('SIGTERM', () => controller.abort());
  process.on('SIGINT', () => undefined);
  const task = await new Promise<JobTask>((resolve) => process.once('message', (message) => resolve(message as JobTask)));
  const folder = (scratch = await mkdtemp(join(tmpdir(), 'millrace-job-')));
  const parent = propagation.extract(ROOT_CONTEXT, task.headers);
  const cause = trace.getSpanContext(parent);
  // Child of the decision that listed the job, so that an episode is one trace; and linked to it, since it runs long after that one.
  const span = trace.getTracer('millrace.messaging').startSpan(name, { kind: SpanKind.INTERNAL, attributes: { 'millrace.job.id': task.id }, ...(cause ? { links: [{ context: cause }] } : {}) }, parent);
  try {
    await failPoint('job.started');
    const own = trace.setSpan(parent, span);
    const result = await context.with(own, () =>
      handler.run(task.input, { signal: controller.signal, scratch: folder, progress: (share, text, waiting = false) => void answer({ kind: 'progress', share, text, waiting }) }),
    );
    await failPoint('job.done');
    const encoder = new EventEncoder();
    await answer({ kind: 'done', events: (Symbol.iterator in result ? [...result] : [result]).map((event) => encoder.encode(event)), headers: traceHeaders({ context: own, headers: task.headers }) });
  } catch (error) {
    span.recordException(error as Error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
    const { code, retriable, message = String(error) } = (error ?? {}) as Partial<MillraceError>;
    await answer({ kind: 'failed', code: typeof code === 'string' ? code : 'JOB_FAILED', text: message, retriable: retriable ?? false });
  } finally {
    span.end();
    await rm(folder, { recursive: true, force: true });
  }
}

function answer(message: JobMessage): Promise<void> {
  return new Promise((resolve) => (process.send ? process.send(message, () => resolve()) : resolve()));
}

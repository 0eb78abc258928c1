import { fork, type ChildProcess } from 'node:child_process';
import { MillraceError, decodeEvent, type Event, type EventClass } from '@millrace/contracts';
import type { Job, JobOrder } from '../handlers/job.ts';
import { keyOf, type JobCauses } from './job-causes.ts';
import type { JobMessage, JobTask } from './job-process.ts';
import type { LoopLog } from './loop-log.ts';
import { traceHeaders, type Cause } from './trace.ts';

/** What a running job says of itself. */
export interface JobProgress {
  readonly job: string;
  readonly id: string;
  readonly share: number;
  readonly text: string;
  /** Only waits for data that is still to come. */
  readonly waiting: boolean;
  readonly pid: number | undefined;
}

/** How a job ended. */
export interface JobEnd {
  readonly events: Event[];
  /** Trace context that the events carry on. */
  readonly headers: Readonly<Record<string, string>>;
}
type Done = (order: JobOrder, end: JobEnd, publishes: readonly EventClass[]) => void;

interface Running {
  readonly order: JobOrder;
  readonly cause: Cause | undefined;
  child?: ChildProcess;
  progress: { share: number; text: string; waiting: boolean };
  attempts: number;
  retry?: NodeJS.Timeout;
  ended?: JobEnd;
  cancelled: boolean;
}

const maxCrashes = 3;

/**
 * Keeps the processes of jobs equal to what a decider's state lists: starts what is missing, ends what is no longer wanted, and
 * hands over a result until the state has taken it. A restart of the service is therefore the same code as a start.
 */
export class JobSupervisor {
  private readonly jobs: ReadonlyMap<string, Job>;
  private readonly done: Done;
  private readonly log: LoopLog;
  private readonly running = new Map<string, Running>();

  constructor(jobs: readonly Job[], log: LoopLog, done: Done) {
    this.jobs = new Map(jobs.map((job) => [job.job, job]));
    this.log = log;
    this.done = done;
  }

  progress(): JobProgress[] {
    return [...this.running.values()].map(({ order, progress, child }) => ({ job: order.job, id: order.id, ...progress, pid: child?.pid }));
  }

  /** Called with the whole list after each change of state. */
  sync(orders: readonly JobOrder[], causes: Pick<JobCauses, 'of'>): void {
    const keys = new Set(orders.map(keyOf));
    for (const [key, running] of this.running) if (!keys.has(key)) this.cancel(key, running);
    for (const order of orders) {
      const known = this.running.get(keyOf(order));
      if (known?.ended) this.done(order, known.ended, this.jobs.get(order.job)!.ends);
      if (!known) this.begin(order, causes.of(order));
    }
  }

  async stop(): Promise<void> {
    const children = [...this.running.values()].map(({ child }) => child).filter((child) => child?.exitCode === null);
    for (const [key, running] of this.running) this.cancel(key, running);
    await Promise.all(children.map((child) => new Promise((resolve) => child!.once('exit', resolve))));
  }

  private begin(order: JobOrder, cause: Cause | undefined): void {
    if (!this.jobs.has(order.job)) throw new MillraceError('JOB_UNKNOWN', `no class runs the job ${order.job}`);
    const running: Running = { order, cause, progress: { share: 0, text: 'starting', waiting: false }, attempts: 0, cancelled: false };
    this.running.set(keyOf(order), running);
    this.spawn(running);
  }

  private spawn(running: Running): void {
    const { order } = running;
    running.attempts++;
    const child = fork(process.argv[1]!, process.argv.slice(2), { env: { ...process.env, MILLRACE_JOB: order.job }, serialization: 'advanced' });
    running.child = child;
    let settled = false;
    const task: JobTask = { id: order.id, input: order.input, headers: traceHeaders(running.cause) };
    child.send(task);
    child.on('message', (message: JobMessage) => {
      if (message.kind === 'progress') running.progress = { share: message.share, text: message.text, waiting: message.waiting };
      else {
        settled = true;
        if (message.kind === 'done') this.finish(running, { events: message.events.map((bytes) => decodeEvent(Buffer.from(bytes))), headers: message.headers });
        else this.fail(running, new MillraceError(message.code, message.text, { retriable: message.retriable }), message.retriable);
      }
    });
    child.on('exit', (code, signal) => {
      if (!settled && !running.cancelled) this.fail(running, new MillraceError('JOB_CRASHED', `the process ended with ${signal ?? `code ${code}`}`, { retriable: true }), running.attempts < maxCrashes);
    });
  }

  private fail(running: Running, error: MillraceError, again: boolean): void {
    if (running.cancelled) return;
    const { order } = running;
    if (!again) {
      this.log.error(`${order.job} ${order.id}: ${error.message} (${error.code})`);
      return this.finish(running, { events: [this.jobs.get(order.job)!.failed(error, order.id, order.input)], headers: traceHeaders(running.cause) });
    }
    const delay = Math.min(30_000, 500 * 2 ** running.attempts);
    this.log.warn(`${order.job} ${order.id}: ${error.message} (${error.code}); again in ${delay} ms`);
    running.retry = setTimeout(() => this.spawn(running), delay);
  }

  private finish(running: Running, end: JobEnd): void {
    if (running.cancelled) return;
    running.ended = end;
    this.done(running.order, end, this.jobs.get(running.order.job)!.ends);
  }

  private cancel(key: string, running: Running): void {
    running.cancelled = true;
    clearTimeout(running.retry);
    if (running.child?.exitCode === null) running.child.kill('SIGTERM');
    this.running.delete(key);
  }
}

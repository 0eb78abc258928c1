import { fork, type ChildProcess } from 'node:child_process';
import { MillraceError, classOf, decodeEvent, type Event, type EventClass } from '@millrace/contracts';
import { childEnvironment, failPoint } from '@millrace/fail-points';
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
  /** Attempts so far, and how many of them ended without an answer. */
  attempts: number;
  crashes: number;
  retry?: NodeJS.Timeout;
  ended?: JobEnd;
  cancelled: boolean;
}

const maxCrashes = 3;
/** How long a process may take to end after a signal, and after its answer. */
const endWithinMs = 5000;

/**
 * Keeps the processes of jobs equal to what a decider's state lists: starts what is missing, ends what is no longer wanted, and
 * hands over a result until the state has taken it. A restart of the service is therefore the same code as a start.
 */
export class JobSupervisor {
  private readonly jobs: ReadonlyMap<string, Job>;
  private readonly done: Done;
  private readonly log: LoopLog;
  private readonly running = new Map<string, Running>();
  /** Processes of jobs that are not wanted any more and have not ended yet. */
  private readonly cancelled = new Set<ChildProcess>();
  private stopped = false;

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
    if (this.stopped) return;
    const keys = new Set(orders.map(keyOf));
    for (const [key, running] of this.running) if (!keys.has(key)) this.cancel(key, running);
    for (const order of orders) {
      const known = this.running.get(keyOf(order));
      if (known?.ended) this.done(order, known.ended, this.jobs.get(order.job)!.ends);
      if (!known) this.begin(order, causes.of(order));
    }
  }

  /** Ends all processes; none is left when it resolves, at most 5 s later. */
  async stop(): Promise<void> {
    this.stopped = true;
    for (const [key, running] of this.running) this.cancel(key, running);
    await Promise.all([...this.cancelled].map((child) => new Promise<void>((resolve) => child.once('exit', () => resolve()))));
  }

  private begin(order: JobOrder, cause: Cause | undefined): void {
    if (!this.jobs.has(order.job)) throw new MillraceError('JOB_UNKNOWN', `no class runs the job ${order.job}`, { hint: 'add a class with @Runs to the module of the service' });
    const running: Running = { order, cause, progress: { share: 0, text: 'starting', waiting: false }, attempts: 0, crashes: 0, cancelled: false };
    this.running.set(keyOf(order), running);
    this.spawn(running);
  }

  private spawn(running: Running): void {
    const { order } = running;
    running.attempts++;
    const child = fork(process.argv[1]!, process.argv.slice(2), { env: { ...childEnvironment(process.env), MILLRACE_JOB: order.job }, serialization: 'advanced' });
    running.child = child;
    let answered = false;
    const once = (answer: () => void): void => {
      if (answered || running.cancelled) return;
      answered = true;
      answer();
    };
    const crashed = (how: string): void =>
      once(() => {
        running.crashes++;
        this.fail(running, new MillraceError('JOB_CRASHED', `the process ${how}`, { retriable: true }), running.crashes < maxCrashes);
      });
    child.on('message', (message: JobMessage) => {
      if (message.kind === 'progress') return void (running.progress = { share: message.share, text: message.text, waiting: message.waiting });
      endsSoon(child);
      once(() => void this.take(running, message));
    });
    child.on('exit', (code, signal) => crashed(`ended with ${signal ?? `code ${code}`}`));
    child.on('error', (error) => crashed(`failed: ${error.message}`));
    const task: JobTask = { id: order.id, input: order.input, headers: traceHeaders(running.cause) };
    // What goes wrong here ends the process, which is heard above.
    if (child.connected) child.send(task, () => undefined);
  }

  private async take(running: Running, message: Exclude<JobMessage, { kind: 'progress' }>): Promise<void> {
    try {
      await failPoint('job.heard');
    } catch (error) {
      return this.fail(running, error as MillraceError, true);
    }
    if (running.cancelled) return;
    if (message.kind === 'failed') return this.fail(running, new MillraceError(message.code, message.text, { retriable: message.retriable }), message.retriable);
    try {
      this.finish(running, { events: this.eventsOf(running.order.job, message.events), headers: message.headers });
    } catch (error) {
      this.fail(running, new MillraceError('JOB_RESULT_INVALID', (error as Error).message, { cause: error }), false);
    }
  }

  private eventsOf(job: string, values: readonly Uint8Array[]): Event[] {
    const { ends } = this.jobs.get(job)!;
    const events = values.map((bytes) => decodeEvent(Buffer.from(bytes)));
    const wrong = events.find((event) => !ends.includes(classOf(event)));
    if (wrong) throw new MillraceError('JOB_RESULT_INVALID', `it ended with ${classOf(wrong).stem}, which the job does not list`);
    if (events.length === 0) throw new MillraceError('JOB_RESULT_INVALID', 'it ended without an event');
    return events;
  }

  private fail(running: Running, error: MillraceError, again: boolean): void {
    if (running.cancelled) return;
    const { order } = running;
    if (!again) {
      this.log.error(`${order.job} ${order.id}: ${error.message} (${error.code})`);
      return this.giveUp(running, error);
    }
    const delay = Math.min(30_000, 500 * 2 ** running.attempts);
    this.log.warn(`${order.job} ${order.id}: ${error.message} (${error.code}); again in ${delay} ms`);
    running.retry = setTimeout(() => this.spawn(running), delay);
  }

  private giveUp(running: Running, error: MillraceError): void {
    const { order } = running;
    try {
      this.finish(running, { events: [this.jobs.get(order.job)!.failed(error, order.id, order.input)], headers: traceHeaders(running.cause) });
    } catch (fault) {
      this.log.error(`${order.job} ${order.id}: it has no event for this failure: ${(fault as Error).message}`);
    }
  }

  private finish(running: Running, end: JobEnd): void {
    running.ended = end;
    this.done(running.order, end, this.jobs.get(running.order.job)!.ends);
  }

  private cancel(key: string, running: Running): void {
    running.cancelled = true;
    clearTimeout(running.retry);
    this.running.delete(key);
    const { child } = running;
    if (!child || !lives(child)) return;
    this.cancelled.add(child);
    child.once('exit', () => this.cancelled.delete(child));
    child.kill('SIGTERM');
    endsSoon(child);
  }
}

const lives = (child: ChildProcess): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null;

/** Ends a process that does not end by itself. */
function endsSoon(child: ChildProcess): void {
  const timer = setTimeout(() => child.kill('SIGKILL'), endWithinMs).unref();
  child.once('exit', () => clearTimeout(timer));
}

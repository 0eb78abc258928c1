/** A service that runs jobs, driven by its parent over IPC; started again by its own supervisor, it is a job. */
import { LabelObserved, RetrainRequested, TrainingFailed, TrainingStarted, type Event, type MillraceError } from '@millrace/contracts';
import { armFromEnvironment } from '@millrace/fail-points';
import { appendFileSync, readFileSync } from 'node:fs';
import { defineJob, type JobOrder, type JobRun } from '../../handlers/job.ts';
import { serveJob } from '../job-process.ts';
import { JobSupervisor } from '../job-supervisor.ts';

/** What the one job does. */
export interface Doing {
  what: 'end' | 'end twice' | 'nothing' | 'foreign' | 'crash' | 'crash once' | 'fail' | 'fail once' | 'wait' | 'ignore' | 'linger';
  /** A file that gets a line at each start. */
  file: string;
}
export type Told = { kind: 'sync'; orders: JobOrder[] } | { kind: 'stop' } | { kind: 'progress' };
export type Answered =
  | { kind: 'ready' }
  | { kind: 'done'; id: string; events: { stem: string; text: string }[] }
  | { kind: 'progress'; jobs: { id: string; share: number; text: string; waiting: boolean; pid: number }[] }
  | { kind: 'stopped' }
  | { kind: 'log'; text: string };

const failed = (error: MillraceError, id: string): TrainingFailed => new TrainingFailed({ model: 'm', training: id, code: error.code, reason: error.message, retriable: error.retriable });
const Work = defineJob<Doing, readonly [typeof TrainingStarted, typeof TrainingFailed]>('work', { ends: [TrainingStarted, TrainingFailed], failed });

const ended = (text: string): TrainingStarted =>
  new TrainingStarted({ training: text, request: new RetrainRequested({ model: 'm', episode: '', trigger: '', evidence: [], since: 0, newLabels: 0, championVersion: null, championBundle: null, definitionHash: '' }) });

armFromEnvironment(process.env);
let lingers = false;

async function work({ what, file }: Doing, { signal, scratch, progress }: JobRun): Promise<Event | Event[]> {
  const starts = 1 + readFileSync(file, 'utf8').split('\n').length - 1;
  appendFileSync(file, `${process.pid} ${scratch}\n`);
  progress(0.5, 'half way', what === 'wait');
  if (what === 'crash' || (what === 'crash once' && starts === 1)) process.kill(process.pid, 'SIGKILL');
  if (what === 'fail' || (what === 'fail once' && starts === 1)) throw Object.assign(new Error('no rows'), { code: 'NO_ROWS', retriable: what === 'fail once' });
  if (what === 'foreign') return new LabelObserved({ model: 'm', eventId: Buffer.alloc(16), value: 1, labelTime: 0, position: 0, laneTime: 0 });
  if (what === 'nothing') return [];
  if (what === 'wait') await new Promise((_, reject) => signal.addEventListener('abort', () => reject(new Error('aborted'))));
  if (what === 'ignore') await new Promise(() => setInterval(() => undefined, 1000));
  lingers = what === 'linger';
  return what === 'end twice' ? [ended('first'), ended('second')] : ended(`start ${starts}`);
}

const textOf = (event: Event): string => (event instanceof TrainingStarted ? event.training : `${(event as TrainingFailed).code}: ${(event as TrainingFailed).reason}`);
const tell = (answer: Answered): void => void process.send!(answer);

if (process.env['MILLRACE_JOB']) {
  await serveJob('work', { run: (input, run) => work(input as Doing, run) });
  if (!lingers) process.exit(0);
} else {
  const say = (text: string): void => tell({ kind: 'log', text });
  const supervisor = new JobSupervisor([Work as never], { info: say, warn: say, error: say }, ({ id }, { events }) =>
    tell({ kind: 'done', id, events: events.map((event) => ({ stem: event instanceof TrainingStarted ? 'started' : 'failed', text: textOf(event) })) }),
  );
  process.on('message', (told: Told) => {
    if (told.kind === 'sync') supervisor.sync(told.orders, { of: () => undefined });
    if (told.kind === 'progress') tell({ kind: 'progress', jobs: supervisor.progress().map(({ id, share, text, waiting, pid }) => ({ id, share, text, waiting, pid: pid! })) });
    if (told.kind === 'stop') void supervisor.stop().then(() => tell({ kind: 'stopped' }));
  });
  tell({ kind: 'ready' });
}

import { describe, expect, it } from '@jest/globals';
import { join } from 'node:path';
import ts from 'typescript';

const head = `
import { EventIngested, EventPosted, EventRejected, LabelObserved, ModelTrained, RetrainRequested, TrainingFailed, TrainingStarted, VectorComputed } from '@millrace/contracts';
import { Decides, Projects, Runs, Streams } from './decorators.ts';
import { defineDecider } from './decider.ts';
import { defineJob, type JobRun } from './job.ts';
import { ProjectionStore } from './projection-store.ts';
import type { Read } from './read.ts';
import { nothingWritten, type Journal } from './stream-state.ts';
class Lane { journal(): Journal { return nothingWritten } seen = 0 }
const Trainings = defineDecider({ name: 'trainings', events: [TrainingStarted, TrainingFailed, ModelTrained], initial: { running: 0 }, evolve: (state) => state });
type State = { running: number };
const TrainModel = defineJob<{ rows: number }, [typeof ModelTrained, typeof TrainingFailed]>('train-model', { ends: [ModelTrained, TrainingFailed], failed: (error, id) => new TrainingFailed({ model: '', training: id, code: error.code, reason: error.message, retriable: false }) });
abstract class Rows extends ProjectionStore<{ insert(row: object): Promise<void> }> {}
declare const vector: VectorComputed; declare const label: LabelObserved; declare const started: TrainingStarted; declare const trained: ModelTrained;
`;

/** Messages of the compiler by snippet; one program for all, since most of its time goes into the libraries. */
function compile(snippets: readonly string[]): Map<string, string[]> {
  const files = new Map(snippets.map((snippet, index) => [join(import.meta.dirname, `snippet-${index}.ts`), snippet]));
  const options: ts.CompilerOptions = {
    target: ts.ScriptTarget.ES2023, module: ts.ModuleKind.NodeNext, moduleResolution: ts.ModuleResolutionKind.NodeNext, customConditions: ['@millrace/source'],
    strict: true, noEmit: true, experimentalDecorators: true, emitDecoratorMetadata: true, allowImportingTsExtensions: true, skipLibCheck: true, types: ['node'],
  };
  const host = ts.createCompilerHost(options);
  const { getSourceFile, fileExists } = host;
  host.fileExists = (name) => files.has(name) || fileExists(name);
  host.getSourceFile = (name, version) => (files.has(name) ? ts.createSourceFile(name, head + files.get(name)!, version) : getSourceFile.call(host, name, version));
  const program = ts.createProgram([...files.keys()], options, host);
  return new Map([...files].map(([name, snippet]) => [snippet, program.getSemanticDiagnostics(program.getSourceFile(name)).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n'))]));
}

const right = [
    ['a stream handler', `@Streams(EventIngested, { per: 'lane', state: Lane, publishes: [VectorComputed, LabelObserved] })
      export class A { *handleBatch(batch: Iterable<Read<EventIngested>>, lane: Lane) { for (const { event } of batch) { lane.seen += event.payload.length; yield vector; yield label } } }`],
    ['an asynchronous one', `@Streams(VectorComputed, { per: 'slot', state: Lane, publishes: [LabelObserved] })
      export class A { async *handleBatch(batch: Iterable<Read<VectorComputed>>) { for (const _ of batch) yield label } }`],
    ['one without output', `@Streams(EventIngested, { per: 'lane', state: Lane, publishes: [] })
      export class A { handleBatch(_batch: Iterable<Read<EventIngested>>): undefined { return undefined } }`],
    ['a decision', `@Decides(RetrainRequested, { in: Trainings, publishes: [TrainingStarted] })
      export class A { *decide(state: State, read: Read<RetrainRequested>) { if (state.running === 0 && read.event.newLabels > 0) yield started } }`],
    ['a decider that only observes', `@Decides(RetrainRequested, { in: Trainings, publishes: [] })
      export class A { observe(state: State): State { return state } }`],
    ['a projection', `@Projects(ModelTrained, { into: Rows })
      export class A { async project(batch: Iterable<Read<ModelTrained>>, rows: { insert(row: object): Promise<void> }) { for (const { event } of batch) await rows.insert(event) } }`],
    ['a job', `@Runs(TrainModel)
      export class A { async run(input: { rows: number }, run: JobRun) { run.progress(0.5, String(input.rows)); return trained } }`],
] as const;

const wrong = [
    ['an undeclared output', `@Streams(EventIngested, { per: 'lane', state: Lane, publishes: [VectorComputed] })
      export class A { *handleBatch(batch: Iterable<Read<EventIngested>>) { for (const _ of batch) yield label } }`, "it yields label-observed, which 'publishes' does not list"],
    ['an output that is no event', `@Streams(EventIngested, { per: 'lane', state: Lane, publishes: [VectorComputed] })
      export class A { *handleBatch(batch: Iterable<Read<EventIngested>>) { for (const _ of batch) yield { model: 'm' } } }`, 'something that is no event'],
    ['a wrong input', `@Streams(EventIngested, { per: 'lane', state: Lane, publishes: [] })
      export class A { handleBatch(_batch: Iterable<Read<EventPosted>>): undefined { return undefined } }`, 'its first parameter must accept Iterable<Read<event-ingested>>'],
    ['a wrong state', `class Other { journal(): Journal { return nothingWritten } other = '' }
      @Streams(EventIngested, { per: 'lane', state: Lane, publishes: [] })
      export class A { handleBatch(_batch: Iterable<Read<EventIngested>>, _state: Other): undefined { return undefined } }`, 'its second parameter must accept the declared state'],
    ['a misspelt method', `@Streams(EventIngested, { per: 'lane', state: Lane, publishes: [] })
      export class A { handelBatch(): void { return } }`, 'a stream handler has one method'],
    ['an undeclared decision', `@Decides(RetrainRequested, { in: Trainings, publishes: [TrainingStarted] })
      export class A { *decide(_state: State, _read: Read<RetrainRequested>) { yield trained } }`, "it yields model-trained, which 'publishes' does not list"],
    ['a decision on a foreign state', `@Decides(RetrainRequested, { in: Trainings, publishes: [] })
      export class A { *decide(_state: { other: string }, _read: Read<RetrainRequested>): Iterable<never> { return } }`, 'its first parameter must accept the state of its decider'],
    ['an observer that loses the state', `@Decides(RetrainRequested, { in: Trainings, publishes: [] })
      export class A { observe(_state: State): number { return 1 } }`, 'observe must return the state of its decider'],
    ['a projection that publishes', `@Projects(ModelTrained, { into: Rows })
      export class A { async project(_batch: Iterable<Read<ModelTrained>>) { return [trained] } }`, 'a projection publishes no events'],
    ['a job with a foreign end', `@Runs(TrainModel)
      export class A { async run(_input: { rows: number }) { return started } }`, 'it ends with training-started, which the job does not list'],
    ['a job with a wrong input', `@Runs(TrainModel)
      export class A { async run(_input: { columns: number }) { return trained } }`, 'its first parameter must accept the input of its job'],
] as const;

const messages = compile([...right, ...wrong].map(([, snippet]) => snippet));

describe('handlers that compile', () => {
  it.each(right)('%s', (_, snippet) => expect(messages.get(snippet)).toEqual([]));
});

describe('handlers that do not', () => {
  it.each(wrong)('%s', (_, snippet, message) => expect(messages.get(snippet)!.join('\n')).toContain(message));
});

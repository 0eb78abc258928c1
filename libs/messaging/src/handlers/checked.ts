import type { Event } from '@millrace/contracts';
import type { JobRun } from './job.ts';
import type { Read } from './read.ts';

/**
 * Shapes of the four kinds of handlers. Each check is `unknown` where the class is right and a sentence where it is wrong:
 * the sentence stands in the compiler's message.
 */
type Emitted<R> = Awaited<R> extends infer V ? (V extends Iterable<infer E> | AsyncIterable<infer E> ? E : V) : never;
type Name<E> = E extends Event<infer S> ? S : 'something that is no event';
type Wrong<R, Out> = Exclude<Emitted<R>, Out | void | undefined>;
type Output<R, Out> = [Wrong<R, Out>] extends [never] ? unknown : `it yields ${Name<Wrong<R, Out>>}, which 'publishes' does not list`;
type First<A extends readonly unknown[], In, What extends string> = A extends [] ? unknown : [In] extends [A[0]] ? unknown : `its first parameter must accept ${What}`;
type Second<A extends readonly unknown[], In, What extends string> = A extends [unknown, infer P, ...unknown[]] ? ([In] extends [P] ? unknown : `its second parameter must accept ${What}`) : unknown;

export type CheckedStream<H, In extends Event, S, Out> = H extends { handleBatch: (...a: infer A) => infer R }
  ? First<A, Iterable<Read<In>>, `Iterable<Read<${Name<In>}>>`> & Second<A, S, 'the declared state'> & Output<R, Out>
  : 'a stream handler has one method, *handleBatch(batch, state)';

export type CheckedDecision<H, In extends Event, S, Out> = H extends { decide: (...a: infer A) => infer R }
  ? First<A, S, 'the state of its decider'> & Second<A, Read<In>, `Read<${Name<In>}>`> & Output<R, Out> & CheckedObserver<H, In, S>
  : CheckedObserver<H, In, S> extends string
    ? CheckedObserver<H, In, S>
    : H extends { observe: unknown }
      ? unknown
      : 'a decider\'s handler has decide(state, input, now), observe(state, input), or both';

type CheckedObserver<H, In extends Event, S> = H extends { observe: (...a: infer A) => infer R }
  ? First<A, S, 'the state of its decider'> & Second<A, Read<In>, `Read<${Name<In>}>`> & ([R] extends [S] ? unknown : 'observe must return the state of its decider')
  : unknown;

export type CheckedProjection<H, In extends Event, T> = H extends { project: (...a: infer A) => infer R }
  ? First<A, Iterable<Read<In>>, `Iterable<Read<${Name<In>}>>`> & Second<A, T, 'the transaction of its store'> & (R extends Promise<void> | void ? unknown : 'project returns nothing: a projection publishes no events')
  : 'a projection has one method, project(batch, tx)';

export type CheckedJob<H, I, O> = H extends { run: (...a: infer A) => infer R }
  ? First<A, I, 'the input of its job'> & Second<A, JobRun, 'JobRun'> & ([Wrong<R, O>] extends [never] ? unknown : `it ends with ${Name<Wrong<R, O>>}, which the job does not list`)
  : 'a job has one method, run(input, run)';

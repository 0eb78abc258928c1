import 'reflect-metadata';
import { Catch, Controller, applyDecorators, UseFilters, type ExceptionFilter } from '@nestjs/common';
import { Ctx, EventPattern, Payload } from '@nestjs/microservices';
import { MillraceError, type Event, type EventClass, type EventOf } from '@millrace/contracts';
import { throwError, type Observable } from 'rxjs';
import type { CheckedDecision, CheckedJob, CheckedProjection, CheckedStream } from './checked.ts';
import type { Decider } from './decider.ts';
import { describeHandler, patternOf, type Class, type HandlerMetadata } from './handler-metadata.ts';
import type { Job } from './job.ts';
import type { ProjectionStore } from './projection-store.ts';
import type { StreamState } from './stream-state.ts';

type Target<H> = new (...args: never[]) => H;

/** Nest's default filter would turn an error into an answer and lose its code and `retriable`. */
class PassThroughFilter implements ExceptionFilter {
  catch(error: unknown): Observable<never> {
    return throwError(() => error);
  }
}
// Applied by a call, so that Node can run this library from its source.
Catch()(PassThroughFilter);

/** Folds events into the state of a lane or slot and yields events: outputs and input offsets are one transaction. */
export function Streams<const E extends EventClass, S extends StreamState, const P extends readonly EventClass[]>(
  event: E,
  options: { per: 'lane' | 'slot'; state: Class<S>; publishes: P; broadcast?: true },
) {
  return <H>(target: Target<H> & CheckedStream<H, EventOf<E>, S, EventOf<P[number]>>): void =>
    compose(target as never, { kind: 'streams', event, per: options.per, state: options.state, publishes: options.publishes, broadcast: options.broadcast ?? false }, 'handleBatch');
}

/** Decides, in the only active instance, which events follow from an input. */
export function Decides<const E extends EventClass, S, const P extends readonly EventClass[], D extends Event = Event>(event: E, options: { in: Decider<S, D>; publishes: P }) {
  return <H>(target: Target<H> & CheckedDecision<H, EventOf<E>, S, EventOf<P[number]>>): void => compose(target as never, { kind: 'decides', event, decider: options.in as Decider<unknown>, publishes: options.publishes }, undefined);
}

/** Keeps a read model or an archive; publishes nothing. */
export function Projects<const E extends EventClass, T>(event: E, options: { into: Class<ProjectionStore<T>> }) {
  return <H>(target: Target<H> & CheckedProjection<H, EventOf<E>, T>): void => compose(target as never, { kind: 'projects', event, into: options.into as Class<ProjectionStore<unknown>> }, 'project');
}

/** Runs a job in a child process; what it returns is an input of the decider that listed it. */
export function Runs<I, O extends Event>(job: Job<I, O>) {
  return <H>(target: Target<H> & CheckedJob<H, I, O>): void => compose(target as never, { kind: 'runs', job: job as unknown as Job }, undefined);
}

/** `proxied`: the method that Nest calls once per batch, with its guards and interceptors; rules and jobs are called without. */
function compose(target: Class<object>, metadata: HandlerMetadata, proxied: string | undefined): void {
  describeHandler(target, metadata);
  if (proxied) {
    const prototype = target.prototype as Record<string, unknown>;
    const method = Object.getOwnPropertyDescriptor(prototype, proxied);
    if (!method) throw new MillraceError('HANDLER_INVALID', `${target.name} has no method ${proxied} of its own`, { hint: 'write it as a method of the class itself: not as a field, not in a base class' });
    Payload()(prototype, proxied, 0);
    Ctx()(prototype, proxied, 1); // without it Nest passes one argument only
    Reflect.defineMetadata('design:paramtypes', [Object, Object], prototype, proxied);
    EventPattern<string>(patternOf(metadata))(prototype, proxied, method);
  }
  applyDecorators(Controller(), UseFilters(PassThroughFilter))(target);
}

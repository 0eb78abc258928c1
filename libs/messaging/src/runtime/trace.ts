import { ROOT_CONTEXT, SpanKind, context, propagation, trace, type Context, type Link, type Span, type TextMapGetter } from '@opentelemetry/api';
import type { Read } from '../handlers/read.ts';

/** What an output follows from: the context that its headers carry on. */
export interface Cause {
  readonly context: Context;
  /** Header of the record itself, passed on as it is where no SDK runs. */
  readonly traceparent: string | undefined;
}

type Headers = Read['headers'];
const tracer = () => trace.getTracer('millrace.messaging');
const getter: TextMapGetter<Headers> = { keys: (headers) => Object.keys(headers), get: (headers, key) => headers[key]?.toString() };
const traced = (input: Read): boolean => input.headers['traceparent'] !== undefined;

/** Where an input comes from. */
export function causeOf(input: Read | undefined): Cause | undefined {
  const traceparent = input?.headers['traceparent']?.toString();
  if (!input || traceparent === undefined) return undefined;
  return { context: propagation.extract(ROOT_CONTEXT, input.headers, getter), traceparent };
}

/** W3C headers of an output. */
export function traceHeaders(cause: Cause | undefined): Record<string, string> {
  if (!cause) return {};
  const carrier: Record<string, string> = {};
  propagation.inject(cause.context, carrier);
  if (carrier['traceparent'] === undefined && cause.traceparent !== undefined) carrier['traceparent'] = cause.traceparent;
  return carrier;
}

/** One span for a batch with a link to each traced member, and one span per traced member as child of its sender. */
export class BatchTrace {
  private readonly batch: Span;
  private readonly members = new Map<Read, Span>();

  constructor(name: string, attributes: Record<string, string | number>, inputs: readonly Read[]) {
    const members = inputs.filter(traced);
    const links = members.map(linkTo).filter((link) => link !== undefined);
    this.batch = tracer().startSpan(name, { kind: SpanKind.CONSUMER, attributes: { ...attributes, 'messaging.batch.message_count': inputs.length }, links }, ROOT_CONTEXT);
    for (const input of members) this.members.set(input, tracer().startSpan(`process ${name}`, { kind: SpanKind.CONSUMER, attributes: { ...attributes, 'kafka.offset': input.position } }, causeOf(input)!.context));
  }

  /** Cause of what follows from a member: its own span, or the batch for what follows from none. */
  cause(input: Read | undefined): Cause | undefined {
    const span = input && this.members.get(input);
    if (!span) return undefined;
    return { context: trace.setSpan(ROOT_CONTEXT, span), traceparent: input.headers['traceparent']?.toString() };
  }

  end(error?: unknown): void {
    for (const span of [...this.members.values(), this.batch]) {
      if (error !== undefined) span.recordException(error as Error);
      span.end();
    }
  }
}

/** Runs a decision in a span of its own: child of what asked for it, linked to it, so that a training leads back to its request. */
export function startDecision(name: string, input: Read): { span: Span; cause: Cause } {
  const link = linkTo(input);
  const parent = causeOf(input)?.context ?? context.active();
  const span = tracer().startSpan(name, { kind: SpanKind.CONSUMER, ...(link ? { links: [link] } : {}) }, parent);
  const carrier: Record<string, string> = {};
  const own = trace.setSpan(parent, span);
  propagation.inject(own, carrier);
  return { span, cause: { context: own, traceparent: carrier['traceparent'] ?? input.headers['traceparent']?.toString() } };
}

function linkTo(input: Read): Link | undefined {
  const cause = causeOf(input);
  const spanContext = cause && trace.getSpanContext(cause.context);
  return spanContext ? { context: spanContext } : undefined;
}

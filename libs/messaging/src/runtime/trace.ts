import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, propagation, trace, type Context, type Link, type Span, type TextMapGetter } from '@opentelemetry/api';
import type { Read } from '../handlers/read.ts';

/** What an output follows from: the context that its headers carry on. */
export interface Cause {
  readonly context: Context;
  /** W3C headers as they came, passed on as they are where no SDK runs. */
  readonly headers: Readonly<Record<string, string>>;
}

type Headers = Read['headers'];
const tracer = () => trace.getTracer('millrace.messaging');
const getter: TextMapGetter<Headers> = { keys: (headers) => Object.keys(headers), get: (headers, key) => (fits(headers[key]) ? headers[key].toString() : undefined) };
const fields = ['traceparent', 'tracestate'] as const;
/** What W3C Trace Context asks everybody to carry at least. A foreign header of a megabyte would not fit into the output that carries it on. */
const longestHeader = 512;
const fits = (header: Buffer | undefined): header is Buffer => header !== undefined && header.length <= longestHeader;
const traced = (input: Read): boolean => fits(input.headers['traceparent']);

function headersOf(input: Read): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const field of fields) {
    const header = input.headers[field];
    if (fits(header)) headers[field] = header.toString();
  }
  return headers;
}

/** Where an input comes from; undefined for one that nobody traces. */
export function causeOf(input: Read | undefined): Cause | undefined {
  if (!input || !traced(input)) return undefined;
  return { context: propagation.extract(ROOT_CONTEXT, input.headers, getter), headers: headersOf(input) };
}

/** W3C headers of an output. */
export function traceHeaders(cause: Cause | undefined): Record<string, string> {
  if (!cause) return {};
  const carrier: Record<string, string> = {};
  propagation.inject(cause.context, carrier);
  return carrier['traceparent'] === undefined ? { ...cause.headers } : carrier;
}

/** W3C headers of what runs now, such as a request at a door. */
export function activeHeaders(): Record<string, string> {
  return traceHeaders({ context: context.active(), headers: {} });
}

/** One span for a batch with a link to each traced member, and one span per traced member as child of its sender. */
export class BatchTrace {
  private readonly batch: Span;
  private readonly members = new Map<Read, Span>();

  /** `stem` of the event names the spans of the members; the batch's is called after it. */
  constructor(stem: string, attributes: Record<string, string | number>, inputs: readonly Read[]) {
    const members = inputs.filter(traced);
    const links = members.map(linkTo).filter((link) => link !== undefined);
    this.batch = tracer().startSpan(`${stem} batch`, { kind: SpanKind.CONSUMER, attributes: { ...attributes, 'messaging.batch.message_count': inputs.length }, links }, ROOT_CONTEXT);
    for (const input of members) this.members.set(input, tracer().startSpan(stem, { kind: SpanKind.CONSUMER, attributes: { ...attributes, ...placeOf(input) } }, causeOf(input)!.context));
  }

  /** Cause of what follows from a member: its own span; undefined for what follows from none that is traced. */
  cause(input: Read | undefined): Cause | undefined {
    const span = input && this.members.get(input);
    return span && { context: trace.setSpan(ROOT_CONTEXT, span), headers: headersOf(input) };
  }

  end(error?: unknown): void {
    if (error !== undefined) this.batch.recordException(error as Error);
    for (const span of [...this.members.values(), this.batch]) {
      if (error !== undefined) span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
      span.end();
    }
  }
}

/**
 * The span of a decision that has been taken: child of what asked for it and linked to it. A decision that follows from nothing
 * traced and leads to nothing has none, since ticks and summaries come all the time.
 * @param startedAt as `performance.now()` gave it
 */
export function recordDecision(name: string, input: Read, startedAt: number, { leads, error }: { leads: boolean; error?: unknown }): Cause | undefined {
  if (!leads && error === undefined && !traced(input)) return undefined;
  const link = linkTo(input);
  const parent = causeOf(input)?.context ?? ROOT_CONTEXT;
  const span = tracer().startSpan(name, { kind: SpanKind.CONSUMER, startTime: startedAt, attributes: placeOf(input), ...(link ? { links: [link] } : {}) }, parent);
  if (error !== undefined) {
    span.recordException(error as Error);
    span.setStatus({ code: SpanStatusCode.ERROR, message: (error as Error).message });
  }
  span.end();
  return { context: trace.setSpan(ROOT_CONTEXT, span), headers: headersOf(input) };
}

// Inputs of a decider that stand in no topic have no place.
function placeOf(input: Read): Record<string, string | number> {
  if (input.position < 0) return {};
  return { 'messaging.system': 'kafka', 'messaging.destination.name': input.topic, 'messaging.destination.partition.id': String(input.partition), 'messaging.kafka.offset': input.position };
}

function linkTo(input: Read): Link | undefined {
  const cause = causeOf(input);
  const spanContext = cause && trace.getSpanContext(cause.context);
  return spanContext ? { context: spanContext } : undefined;
}

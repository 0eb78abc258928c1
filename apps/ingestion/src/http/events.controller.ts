import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { MillraceError, eventIdOf, frameBytes } from '@millrace/contracts';
import { identityOf } from '../domain/accepted-schemas.ts';
import { EventPoster } from './event-poster.ts';
import { StreamCatalogue } from './stream-catalogue.ts';

const maxEvents = 1000;

/** The HTTP door of streams: for producers without a Kafka client. */
@Controller('events')
export class EventsController {
  constructor(
    private readonly catalogue: StreamCatalogue,
    private readonly poster: EventPoster,
  ) {}

  /** One event as a JSON object, or up to 1,000 as an array. 202 only after all replicas of the broker have them. */
  @Post(':stream')
  @HttpCode(202)
  async post(@Param('stream') stream: string, @Body() body: unknown, @Headers() headers: Record<string, string | undefined>): Promise<{ accepted: number; eventIds: (string | null)[] }> {
    const events = Array.isArray(body) ? body : [body];
    if (events.length === 0 || events.length > maxEvents) throw new MillraceError('INVALID_BODY', `${events.length} events in one request`, { hint: `post 1 to ${maxEvents}` });
    const encoded = events.map((event, index) => this.encode(stream, event, events.length > 1 ? index : undefined, headers));
    await this.poster.post(stream, encoded.map(({ value }) => value), headersOf(headers, events.length));
    return { accepted: encoded.length, eventIds: encoded.map(({ eventId }) => eventId) };
  }

  private encode(stream: string, event: unknown, index: number | undefined, headers: Record<string, string | undefined>): { value: Buffer; eventId: string | null } {
    const { schemaId, type } = this.catalogue.accepted.schemaOf(stream);
    const at = index === undefined ? '' : `event ${index}: `;
    if (event === null || typeof event !== 'object' || Array.isArray(event)) throw new MillraceError('INVALID_BODY', `${at}a JSON object is expected`, { hint: 'send content-type: application/json' });
    let fault: string | undefined;
    type.isValid(event, { errorHook: (path, value) => (fault ??= `field '${path.join('.')}' is ${JSON.stringify(value) ?? 'missing'}`) });
    if (fault !== undefined) throw new MillraceError('INVALID_FIELD', `${at}${fault}`, { hint: `GET /streams/${stream} of the console shows the schema` });
    const value = Buffer.concat([Buffer.alloc(frameBytes), type.toBuffer(event)]);
    value.writeInt32BE(schemaId, 1);
    const accepted = this.catalogue.accepted.accept(stream, value, Date.now());
    const named = accepted.stream.id !== undefined || headers['ce-id'] !== undefined || headers['idempotency-key'] !== undefined;
    if (!named) return { value, eventId: null };
    const identity = identityOf(accepted, Object.fromEntries(Object.entries(headersOf(headers, 1)).map(([name, text]) => [name, Buffer.from(text)])), { topic: '', partition: 0, offset: 0 });
    return { value, eventId: eventIdOf(stream, identity).toString('hex') };
  }
}

/** Headers that the record carries on: trace context always, an identity only where it names one event. */
function headersOf(headers: Record<string, string | undefined>, events: number): Record<string, string> {
  const names: [string, string][] = [['traceparent', 'traceparent'], ['tracestate', 'tracestate']];
  if (events === 1) names.push(['ce-id', 'ce_id'], ['idempotency-key', 'idempotency-key']);
  return Object.fromEntries(names.flatMap(([from, to]) => (headers[from] === undefined ? [] : [[to, headers[from]]])));
}

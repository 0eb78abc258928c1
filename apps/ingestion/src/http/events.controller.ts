import { Body, Controller, Headers, HttpCode, Param, Post } from '@nestjs/common';
import { MillraceError, eventIdOf, frameBytes } from '@millrace/contracts';
import { identityOf } from '../domain/accepted-schemas.ts';
import { EventPoster, type PostedRecord } from './event-poster.ts';
import { recordHeaders } from './record-headers.ts';
import { StreamCatalogue } from './stream-catalogue.ts';

const maxEvents = 1000;
const longestShown = 100;

/** The HTTP door of streams: for producers without a Kafka client. */
@Controller('events')
export class EventsController {
  constructor(
    private readonly catalogue: StreamCatalogue,
    private readonly poster: EventPoster,
  ) {}

  /**
   * One event as a JSON object, or up to 1,000 as an array. 202 only after all replicas of the broker have them. Whoever gets no answer,
   * or 429 or 503, sends the same request again: events count once by the id of their stream, else by the `Idempotency-Key`, to which
   * the place in an array is added.
   */
  @Post(':stream')
  @HttpCode(202)
  async post(@Param('stream') stream: string, @Body() body: unknown, @Headers() headers: Record<string, string | undefined>): Promise<{ accepted: number; eventIds: (string | null)[] }> {
    const events = Array.isArray(body) ? body : [body];
    if (events.length === 0 || events.length > maxEvents) throw new MillraceError('INVALID_BODY', `${events.length} events in one request`, { hint: `post 1 to ${maxEvents}` });
    const encoded = events.map((event, index) => this.encode(stream, event, events.length > 1 ? index : undefined, headers));
    await this.poster.post(stream, encoded);
    return { accepted: encoded.length, eventIds: encoded.map(({ eventId }) => eventId) };
  }

  private encode(stream: string, event: unknown, index: number | undefined, headers: Record<string, string | undefined>): PostedRecord & { eventId: string | null } {
    const { schemaId, type } = this.catalogue.accepted.schemaOf(stream);
    const at = index === undefined ? '' : `event ${index}: `;
    if (event === null || typeof event !== 'object' || Array.isArray(event)) throw new MillraceError('INVALID_BODY', `${at}a JSON object is expected`, { hint: 'send content-type: application/json' });
    let fault: string | undefined;
    type.isValid(event, { errorHook: (path, value) => (fault ??= `field '${path.join('.')}' is ${shown(value)}`) });
    if (fault !== undefined) throw new MillraceError('INVALID_FIELD', `${at}${fault}`, { hint: `GET /streams/${stream} of the console shows the schema` });
    const value = Buffer.concat([Buffer.alloc(frameBytes), type.toBuffer(event)]);
    value.writeInt32BE(schemaId, 1);
    const accepted = this.catalogue.accepted.accept(stream, value, Date.now());
    const carried = recordHeaders(headers, index);
    const named = accepted.stream.id !== undefined || carried['ce_id'] !== undefined || carried['idempotency-key'] !== undefined;
    if (!named) return { value, headers: carried, eventId: null };
    const identity = identityOf(accepted, Object.fromEntries(Object.entries(carried).map(([name, text]) => [name, Buffer.from(text)])), { topic: '', partition: 0, offset: 0 });
    return { value, headers: carried, eventId: eventIdOf(stream, identity).toString('hex') };
  }
}

/** A value of a stranger in a sentence. */
function shown(value: unknown): string {
  const text = JSON.stringify(value) ?? 'missing';
  return text.length > longestShown ? `${text.slice(0, longestShown)}…` : text;
}

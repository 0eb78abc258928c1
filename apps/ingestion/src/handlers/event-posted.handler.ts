import { EventIngested, EventPosted, EventRejected, MillraceError, eventIdOf, frameBytes } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { identityOf } from '../domain/accepted-schemas.ts';
import { LaneState } from '../domain/lane.state.ts';
import { rejection } from '../domain/rejection.ts';

/** Each posted record has one outcome: ingested, or rejected with its bytes and the cause. So has a batch that cannot be decoded. */
@Streams(EventPosted, { per: 'lane', state: LaneState, publishes: [EventIngested, EventRejected] })
export class EventPostedHandler {
  *handleBatch(batch: Iterable<Read<EventPosted>>, lane: LaneState): Iterable<EventIngested | EventRejected> {
    for (const { event } of batch) yield outcomeOf(event, lane);
  }
}

function outcomeOf(posted: EventPosted, lane: LaneState): EventIngested | EventRejected {
  const { stream, source, acceptedAt, value, headers, poison } = posted;
  if (poison) return rejection(posted, poison.code, poison.reason);
  const schemas = lane.accepted;
  try {
    const accepted = schemas.accept(stream, value, acceptedAt);
    const eventId = eventIdOf(stream, identityOf(accepted, headers, source));
    return new EventIngested({ stream, eventId, eventTime: accepted.eventTime, acceptedAt, source, schemaId: accepted.schemaId, payload: value!.subarray(frameBytes) });
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    return rejection(posted, error.code, error.hint ? `${error.message}; ${error.hint}` : error.message);
  }
}

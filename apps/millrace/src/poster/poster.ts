import { setImmediate, setTimeout as delay } from 'node:timers/promises';
import { MillraceError } from '@millrace/contracts';
import type { PlainProducer } from '@millrace/messaging';
import type { StreamAddress } from '../client/console-client.ts';
import { PostEncoder } from './encode-post.ts';
import type { Pace } from './pace.ts';
import { stillToPost, type LastPosted } from './resume.ts';
import type { StreamPart, Stretch } from './stretch.ts';

const dayMs = 86_400_000;
/** Events per request at most. */
const requestEvents = 2_000;
const againMs = 500;

export interface PosterOptions {
  readonly producer: Pick<PlainProducer, 'send'>;
  readonly streams: readonly StreamAddress[];
  readonly pace: Pace;
  /** Last event of each stream that was posted already. */
  readonly posted: ReadonlyMap<string, LastPosted>;
  /** Waits at a midnight, UTC, until the platform has done what it has the data for; absent: no holds. */
  readonly hold?: ((midnight: number, signal: AbortSignal) => Promise<void>) | undefined;
  /** Told after each stretch: the event time reached, and how many events were posted in all. */
  readonly onProgress: (time: number, events: number) => void;
  readonly onTrouble: (error: Error) => void;
}

/**
 * Posts stretches of events at the pace of the world, as any producer does. A request that fails is sent again until it is
 * acknowledged: events that are then there twice have the same id and count once.
 */
export class Poster {
  private readonly options: PosterOptions;
  private readonly encoders: ReadonlyMap<string, PostEncoder>;
  private events = 0;

  constructor(options: PosterOptions) {
    this.options = options;
    this.encoders = new Map(options.streams.map((address) => [address.stream, new PostEncoder(address)]));
  }

  /** @returns how many events were posted */
  async post(stretches: AsyncIterable<Stretch> | Iterable<Stretch>, signal: AbortSignal): Promise<number> {
    const { pace, posted, hold, onProgress } = this.options;
    let started = false;
    for await (const stretch of stretches) {
      const parts = stretch.parts.map((part) => stillToPost(part, posted));
      if (!started && parts.every(({ events }) => events.length === 0)) continue;
      if (!started) pace.setTo(stretch.from);
      else if (hold && stretch.from % dayMs === 0) {
        await hold(stretch.from, signal);
        pace.setTo(stretch.from);
      }
      started = true;
      await pace.reach(stretch.to, signal);
      for (const part of parts) await this.postPart(part, signal);
      onProgress(stretch.to, this.events);
    }
    return this.events;
  }

  private async postPart({ stream, events }: StreamPart, signal: AbortSignal): Promise<void> {
    const encoder = this.encoders.get(stream);
    if (!encoder) throw new MillraceError('STREAM_UNKNOWN', `there is no stream ${stream} to post to`, { hint: 'apply its definitions first' });
    for (let at = 0; at < events.length; at += requestEvents) {
      const messages = events.slice(at, at + requestEvents).map(({ key, fields }) => ({ key, value: encoder.encode(fields) }));
      await this.send(encoder.topic, messages, signal);
      this.events += messages.length;
    }
    if (events.length > 0) await nextMillisecond();
  }

  private async send(topic: string, messages: { key: string; value: Buffer }[], signal: AbortSignal): Promise<void> {
    for (;;) {
      signal.throwIfAborted();
      try {
        // One lane: the example declares no `laneBy`.
        await this.options.producer.send(topic, 0, messages);
        return;
      } catch (error) {
        if (!(error instanceof MillraceError) || !error.retriable) throw error;
        this.options.onTrouble(error);
        await delay(againMs, undefined, { signal });
      }
    }
  }
}

/**
 * Ingestion orders streams by append times, which are whole milliseconds: what is posted after an acknowledgement must not share
 * its millisecond, else the order, and with it the data set of a training, would depend on the speed of posting.
 */
async function nextMillisecond(): Promise<void> {
  const acknowledged = Date.now();
  // A clock that was set back is another millisecond too, and might not come to this one for long.
  while (Date.now() === acknowledged) await setImmediate();
}

import { describe, expect, it } from '@jest/globals';
import { MillraceError, boundedType, decodeBody, schemaIdOf } from '@millrace/contracts';
import { Pace } from './pace.ts';
import { Poster, type PosterOptions } from './poster.ts';
import type { LastPosted } from './resume.ts';
import type { PostedEvent, Stretch } from './stretch.ts';

const schema = { type: 'record', name: 'Flight', fields: [{ name: 'flight', type: 'long' }] };
const type = boundedType(schema);
const streams = ['arrivals', 'departures'].map((stream, n) => ({ stream, topic: `events.${stream}`, lanes: 1, schemaId: 1000 + n, schema }));
const day = 86_400_000;
const hour = 3_600_000;
const { signal } = new AbortController();

const event = (time: number, row: number): PostedEvent => ({ time, row, key: String(row), fields: { flight: row } });
const stretch = (from: number, arrivals: PostedEvent[], departures: PostedEvent[]): Stretch => ({ from, to: from + 12 * hour, parts: [{ stream: 'arrivals', events: arrivals }, { stream: 'departures', events: departures }] });

const world: Stretch[] = [
  stretch(0, [event(1, 1)], [event(2, 2), event(2, 3)]),
  stretch(12 * hour, [], [event(13 * hour, 4)]),
  stretch(day, [event(day + 1, 2)], [event(day + 2, 5)]),
];

async function post(options: Partial<PosterOptions> & { send?: (topic: string) => void; after?: Record<string, LastPosted> }): Promise<{ log: string[]; posted: number }> {
  const log: string[] = [];
  const producer = {
    send: async (topic: string, _: number, messages: readonly { key: unknown; value: Buffer }[]): Promise<number> => {
      options.send?.(topic);
      for (const { key, value } of messages) log.push(`${topic} ${String(key)} ${schemaIdOf(value)} ${(decodeBody(type, value) as { flight: number }).flight}`);
      return 0;
    },
  };
  const pace = new Pace(0, { now: () => 0, sleep: async () => undefined });
  const { send: _, after = {}, ...others } = options;
  const poster = new Poster({ producer, streams, pace, posted: new Map(Object.entries(after)), onProgress: (time) => log.push(`reached ${time / hour}`), onTrouble: (error) => log.push(error.message), ...others });
  return { posted: await poster.post(world, signal), log };
}

const all = [
  'events.arrivals 1 1000 1', 'events.departures 2 1001 2', 'events.departures 3 1001 3', 'reached 12',
  'events.departures 4 1001 4', 'reached 24',
  'events.arrivals 2 1000 2', 'events.departures 5 1001 5', 'reached 36',
];

describe('the poster', () => {
  it('posts arrivals of a stretch before its departures, framed by the schema of their stream', async () => {
    expect(await post({})).toEqual({ log: all, posted: 6 });
  });

  it('sends again what was not acknowledged, and keeps the order', async () => {
    let failures = 2;
    const send = (topic: string): void => {
      if (topic === 'events.departures' && failures-- > 0) throw new MillraceError('SEND_FAILED', 'no answer', { retriable: true });
    };
    const { log } = await post({ send });
    expect(log).toEqual([all[0], 'no answer', 'no answer', ...all.slice(1)]);
  });

  it('gives up on an error that would repeat', async () => {
    const send = (): never => {
      throw new MillraceError('RECORD_TOO_LARGE', 'too large');
    };
    await expect(post({ send })).rejects.toThrow('too large');
  });

  it('goes on behind the last event of each stream, in the middle of a minute and between two streams', async () => {
    const { log } = await post({ after: { arrivals: { time: 1, row: 1 }, departures: { time: 2, row: 2 } } });
    expect(log).toEqual(all.slice(2));
  });

  it('posts nothing when all is there', async () => {
    expect(await post({ after: { arrivals: { time: day + 1, row: 2 }, departures: { time: day + 2, row: 5 } } })).toEqual({ log: [], posted: 0 });
  });

  it('is held at midnights, not at the first moment', async () => {
    const held: number[] = [];
    const { log } = await post({ hold: async (midnight) => void held.push(midnight) });
    expect(held).toEqual([day]);
    expect(log).toEqual(all);
  });
});

import { PlainProducer, type KafkaCluster } from '@millrace/messaging';
import type { ConsoleClient, StreamAddress } from '../client/console-client.ts';
import { flightStreams, flightsBetween } from '../story/flights.ts';
import { lastPosted } from './last-posted.ts';
import { Pace } from './pace.ts';
import { Poster, type PosterOptions } from './poster.ts';
import { realClock } from './real-clock.ts';
import type { LastPosted } from './resume.ts';

export interface PostFlightsOptions extends Pick<PosterOptions, 'hold' | 'onProgress' | 'onTrouble'> {
  readonly cluster: KafkaCluster;
  readonly client: Pick<ConsoleClient, 'stream'>;
  /** First and last UTC day of departure, as their midnights. */
  readonly from: number;
  readonly to: number;
  /** Real milliseconds per day; 0 = as fast as it goes. */
  readonly speed: number;
  /** Told once, where it goes on; undefined for an empty stream. */
  readonly onStart: (resumeAt: number | undefined) => void;
  readonly signal: AbortSignal;
}

/**
 * Posts recorded flights as any producer does, and goes on behind what was posted before.
 * @returns how many events were posted; 0 when all were there already
 */
export async function postFlights({ cluster, client, from, to, speed, hold, onProgress, onTrouble, onStart, signal }: PostFlightsOptions): Promise<number> {
  const streams: StreamAddress[] = [];
  const posted = new Map<string, LastPosted>();
  for (const { name, time, row } of flightStreams) {
    const address = await client.stream(name);
    const last = await lastPosted(cluster, { address, time, row });
    streams.push(address);
    if (last) posted.set(name, last);
  }
  // The stream that is behind says where to look again; of the other one what is there already is left out.
  const resumeAt = posted.size === flightStreams.length ? Math.min(...[...posted.values()].map(({ time }) => time)) : undefined;
  onStart(resumeAt);
  const producer = await PlainProducer.open(cluster);
  try {
    const poster = new Poster({ producer, streams, posted, pace: new Pace(speed, realClock), hold, onProgress, onTrouble });
    return await poster.post(flightsBetween(from, to, resumeAt), signal);
  } finally {
    await producer.close();
  }
}

import { KafkaCluster } from '@millrace/messaging';
import { addressOf, requireRunning } from '../client/console-address.ts';
import { ConsoleClient } from '../client/console-client.ts';
import { standingOf } from '../client/standing.ts';
import { progressLine } from '../story/progress-line.ts';
import { Rates } from '../story/rates.ts';
import { counted, minuteText } from '../terminal/figures.ts';
import { Screen } from '../terminal/screen.ts';
import { Hold } from './hold.ts';
import { postFlights } from './post-flights.ts';

export interface RunPostOptions {
  readonly from: number;
  readonly to: number;
  readonly speed: number;
  readonly hold: boolean;
  readonly dataDir: string;
}

const dayMs = 86_400_000;

/** Posts flights to the millrace that runs on a data folder, until all are posted or Ctrl-C. */
export async function runPost({ from, to, speed, hold: holds, dataDir }: RunPostOptions): Promise<void> {
  const state = requireRunning(dataDir);
  const client = new ConsoleClient(addressOf(state, 'console'));
  const cluster = new KafkaCluster({ brokers: state.brokers.split(','), clientId: 'millrace-post' });
  const screen = new Screen(process.stderr);
  const ended = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
  const rates = new Rates();
  let held: string | undefined;
  const hold = new Hold(() => standingOf(requireRunning(dataDir)), { waits: (what) => (held = what), warn: (text) => screen.line(`! ${text}`) });
  const onProgress = (time: number, events: number): void => {
    rates.add(performance.now(), new Map([['events', events]]));
    screen.status(progressLine({ from, to: to + dayMs, time, held, rates: [['events', rates.of('events')]] }, screen.width));
  };
  try {
    const posted = await postFlights({
      cluster, client, from, to, speed, signal: ended.signal, onProgress,
      hold: holds ? hold.atMidnight : undefined,
      onStart: (resumeAt) => resumeAt !== undefined && screen.line(`going on behind ${minuteText(resumeAt)}, which was posted before`),
      onTrouble: (error) => screen.line(`! ${error.message}; sending again`),
    });
    screen.status('');
    console.log(`${counted(posted)} events posted`);
  } catch (error) {
    if (!ended.signal.aborted) throw error;
    process.exitCode = 130;
  } finally {
    screen.status('');
    await cluster.close();
  }
}

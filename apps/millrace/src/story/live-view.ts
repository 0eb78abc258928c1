import type { ConsoleClient, TimelineEntry } from '../client/console-client.ts';
import type { HoldReporter } from '../poster/hold.ts';
import type { Screen } from '../terminal/screen.ts';
import { FlowCounter, type CountedTopic } from './flow-counter.ts';
import { progressLine } from './progress-line.ts';
import { Rates } from './rates.ts';
import { TimelineFollower } from './timeline-follower.ts';
import { timelineLine } from './timeline-line.ts';
import type { KafkaCluster } from '@millrace/messaging';

export interface LiveViewOptions {
  readonly screen: Screen;
  readonly cluster: KafkaCluster;
  readonly client: Pick<ConsoleClient, 'timeline'>;
  readonly model: string;
  readonly topics: readonly CountedTopic[];
  /** First event time, and the first behind the last day. */
  readonly from: number;
  readonly to: number;
}

const terminalEveryMs = 200;
/** Without a terminal, where each state of the bar is a line that stays. */
const linesEveryMs = 5_000;

/** Shows a run as it happens: rates with a bar in event time, and each training, verdict and route change as one line. */
export class LiveView implements HoldReporter {
  private readonly options: LiveViewOptions;
  private readonly counter: FlowCounter;
  private readonly timeline: TimelineFollower;
  private readonly rates = new Rates();
  private readonly timer: NodeJS.Timeout;
  private time: number;
  private held: string | undefined;
  private lineAt = 0;

  private constructor(options: LiveViewOptions, counter: FlowCounter, past: readonly TimelineEntry[]) {
    this.options = options;
    this.counter = counter;
    this.time = options.from;
    this.timeline = new TimelineFollower(options.client, options.model, past, (entry) => options.screen.line(timelineLine(entry, this.time)));
    this.timer = setInterval(() => this.draw(), terminalEveryMs);
  }

  static async open(options: LiveViewOptions): Promise<LiveView> {
    const past = await options.client.timeline(options.model);
    return new LiveView(options, await FlowCounter.open(options.cluster, options.topics), past);
  }

  /** The world has reached an event time. */
  reached(time: number): void {
    this.time = time;
  }

  waits(what: string | undefined): void {
    this.held = what;
  }

  warn(text: string): void {
    this.options.screen.line(`! ${text}`);
  }

  async close(): Promise<void> {
    clearInterval(this.timer);
    await this.timeline.close();
    await this.counter.close();
    this.options.screen.status('');
  }

  private draw(): void {
    const { screen, from, to, topics } = this.options;
    const now = performance.now();
    this.rates.add(now, this.counter.counts);
    if (!screen.isTerminal && now - this.lineAt < linesEveryMs) return;
    this.lineAt = now;
    const names = [...new Set(topics.map(({ what }) => what))];
    const line = progressLine({ from, to, time: this.time, held: this.held, rates: names.map((what) => [what, this.rates.of(what)] as const) }, screen.isTerminal ? screen.width : 200);
    if (screen.isTerminal) screen.status(line);
    else screen.line(line);
  }
}

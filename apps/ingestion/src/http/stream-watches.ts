import type { MillraceError } from '@millrace/contracts';
import { BrokerWatch } from './broker-watch.ts';

/** A watch per stream: one that cannot be written to says nothing about the others. */
export class StreamWatches {
  private readonly clock: (() => number) | undefined;
  private readonly watches = new Map<string, BrokerWatch>();

  /** @param clock monotonic, ms */
  constructor(clock?: () => number) {
    this.clock = clock;
  }

  /** @param stream declared; there are not many */
  of(stream: string): BrokerWatch {
    let watch = this.watches.get(stream);
    if (!watch) this.watches.set(stream, (watch = new BrokerWatch(this.clock)));
    return watch;
  }

  /** Why a request is refused by its address alone; of a stream whose name has escapes the handler finds out. */
  refusal(method: string, path: string): MillraceError | undefined {
    const stream = method === 'POST' ? /^\/events\/([^/?]+)/.exec(path)?.[1] : undefined;
    return stream === undefined ? undefined : this.watches.get(stream)?.refusal();
  }
}

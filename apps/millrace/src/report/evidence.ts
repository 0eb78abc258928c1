import type { ControlHistory } from './control-history.ts';
import type { EpochOrder } from './epoch-order.ts';
import type { GoldenComparison } from './golden-comparison.ts';
import type { History } from './history.ts';
import type { LatencyHistogram } from './latency-histogram.ts';

/** How a version does on the labelled vectors of one UTC day. */
export interface DayQuality {
  readonly dayMs: number;
  readonly rows: number;
  readonly auc: number;
  readonly logLoss: number;
}

/** All that the checks judge by. */
export interface Evidence {
  readonly model: string;
  readonly history: History;
  /** Posted records that neither were rejected nor have an id that one can read. */
  readonly unreadable: number;
  readonly rejected: ReadonlyMap<string, number>;
  readonly golden: GoldenComparison;
  readonly control: ControlHistory;
  readonly epochs: EpochOrder;
  /** From the append of the posted event to that of its prediction, ms. */
  readonly latency: LatencyHistogram;
  /** By version, on the days that both are judged on. */
  readonly quality: ReadonlyMap<number, readonly DayQuality[]>;
}

/** What was posted, and how. */
export interface StoryOptions {
  /** First and last UTC day of departure, as their midnights. */
  readonly from: number;
  readonly to: number;
  /** The clock of the world was held at midnights. */
  readonly hold: boolean;
  /** Events came by a clock, not as fast as they could. */
  readonly paced: boolean;
}

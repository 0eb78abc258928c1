import { PredictionMade, VectorComputed } from '@millrace/contracts';
import { Streams, type Read } from '@millrace/messaging';
import { scoreBatch } from '../domain/score-batch.ts';
import { Scorers, type Scorer } from '../domain/scorers.ts';
import { SlotState } from '../domain/slot-state.ts';
import { InferenceOptions } from '../inference.config.ts';

/** How long a batch waits for the models of its route, after a start. */
const loadLimitMs = 10_000;

/** Each vector from the first adopted route on gets one prediction, in input order. */
@Streams(VectorComputed, { per: 'slot', state: SlotState, publishes: [PredictionMade] })
export class VectorComputedHandler {
  private readonly scorers: Scorers;
  private readonly options: InferenceOptions;

  constructor(scorers: Scorers, options: InferenceOptions) {
    this.scorers = scorers;
    this.options = options;
  }

  async *handleBatch(batch: Iterable<Read<VectorComputed>>, slot: SlotState): AsyncGenerator<PredictionMade> {
    const begun = performance.now();
    const route = await slot.route(loadLimitMs);
    if (!route) return;
    yield* scoreBatch([...batch], route, { scorerOf: (bundle) => this.scorerOf(bundle), rowsPerCall: this.options.rowsPerCall, elapsedMs: () => performance.now() - begun });
  }

  private scorerOf(bundle: string): Scorer {
    const loading = this.scorers.loading(bundle);
    if (loading.state !== 'ready') throw new Error(`bundle ${bundle} was let go while its route answers`);
    return loading.scorer;
  }
}

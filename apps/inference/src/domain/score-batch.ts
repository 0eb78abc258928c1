import { PredictionMade, type Arm, type VectorComputed } from '@millrace/contracts';
import { because, type Read } from '@millrace/messaging';
import { armOf } from '@millrace/rollout';
import type { Route } from './route.ts';
import { scoreRows } from './score-rows.ts';
import type { Scorer } from './scorers.ts';

export interface ScoreBatchOptions {
  /** The loaded model of a bundle; the caller has seen that it is there. */
  readonly scorerOf: (bundle: string) => Scorer;
  /** Rows per call at most. */
  readonly rowsPerCall: number;
  /** Milliseconds since the batch was read. */
  readonly elapsedMs: () => number;
}

/** A batch does not ask again after this time: its slot must go on, and what it holds is FAILED rather than late. */
const recoveryMs = 20_000;

type Answer = { readonly score: number; readonly ms: number } | { readonly failure: string; readonly ms: number };

/** Rows of one bundle, and the places of their vectors in the batch. */
class Group {
  readonly scorer: Scorer;
  readonly places: number[] = [];
  private readonly rows: (readonly number[])[] = [];

  constructor(scorer: Scorer) {
    this.scorer = scorer;
  }

  add(place: number, row: readonly number[]): void {
    this.places.push(place);
    this.rows.push(row);
  }

  /** Row-major copy of `count` rows. */
  block(from: number, count: number): Float32Array {
    const { features } = this.scorer;
    const values = new Float32Array(count * features);
    for (let row = 0; row < count; row++) values.set(this.rows[from + row]!, row * features);
    return values;
  }
}

/**
 * Answers each vector of a batch by the arm that its event id falls to: one prediction per vector, in input order. What a model
 * cannot answer is FAILED with the cause. Without side effects: the batch may be answered again by another route.
 * @throws MillraceError SCORING_CLOSED (retriable) while the process ends
 */
export async function* scoreBatch(reads: readonly Read<VectorComputed>[], route: Route, options: ScoreBatchOptions): AsyncGenerator<PredictionMade> {
  const answers = new Array<Answer>(reads.length);
  const arms = reads.map(({ event }) => armOf(event.eventId, route.rolloutId, route.arms));
  const groups = new Map<string, Group>();
  reads.forEach(({ event }, place) => {
    const { bundle } = arms[place]!;
    let group = groups.get(bundle);
    if (!group) groups.set(bundle, (group = new Group(options.scorerOf(bundle))));
    const row = rowFor(event, group.scorer);
    if (typeof row === 'string') answers[place] = { failure: row, ms: options.elapsedMs() };
    else group.add(place, row);
  });
  await Promise.all([...groups.values()].map((group) => scoreGroup(group, answers, options)));
  for (const [place, read] of reads.entries()) yield because(predictionOf(read.event, arms[place]!, route, answers[place]!), read);
}

/** The vector that a model takes, or why there is none. */
function rowFor({ vectors }: VectorComputed, { featureSet, features }: Scorer): readonly number[] | string {
  const vector = vectors.find((candidate) => candidate.featureSet === featureSet);
  if (!vector) return `the record has no vector of the feature set ${featureSet}`;
  return vector.numeric.length === features ? vector.numeric : `the vector has ${vector.numeric.length} numbers, the model takes ${features}`;
}

async function scoreGroup(group: Group, answers: Answer[], { rowsPerCall, elapsedMs }: ScoreBatchOptions): Promise<void> {
  for (let from = 0; from < group.places.length; from += rowsPerCall) {
    const places = group.places.slice(from, from + rowsPerCall);
    const scores = await scoreRows(group.scorer, group.block(from, places.length), places.length, () => elapsedMs() < recoveryMs);
    const ms = elapsedMs();
    places.forEach((place, row) => {
      const score = scores[row]!;
      answers[place] = typeof score === 'string' ? { failure: score, ms } : { score, ms };
    });
  }
}

function predictionOf({ model, eventId, eventTime, acceptedAt, position }: VectorComputed, { role, version, bundle }: Arm, { epoch, rolloutId }: Route, answer: Answer): PredictionMade {
  const [outcome, score, failure] = 'score' in answer ? (['OK', answer.score, null] as const) : (['FAILED', null, answer.failure] as const);
  return new PredictionMade({ model, eventId, eventTime, acceptedAt, position, outcome, score, failure, role, version, bundle, epoch, rolloutId, latencyMs: answer.ms });
}

import { MillraceError } from '@millrace/contracts';
import type { Scorer } from './scorers.ts';

/** A score per row, or why there is none. */
export type RowAnswer = number | string;

/** Rows of a call that may lose the process when they are asked alone; beyond it is the model that fails. */
const mostPoison = 3;
/** The model gave an error and lives. */
const refused = 'SCORING_FAILED';
const lost = new Set(['SCORING_CRASHED', 'SCORING_TIMEOUT']);
export const failing = { code: 'MODEL_FAILING', reason: 'the model lost its process more than 3 times within 60 s, or once when it was tried again' } as const;

/**
 * Scores rows so that one of them cannot spoil the others. A call that loses the model's process is asked once more, for the process
 * may have been ended from outside; then every row is asked alone, so that only the rows which lose it are without a score. The other version
 * of a route is never asked instead: which one answers an event is part of what was promised, and it must show when a version fails.
 *
 * One row at a time and not by halves: a row costs a tenth of a millisecond, a lost process hundreds.
 *
 * @param rows row-major, n · features
 * @param mayRecover whether there is time to ask again
 * @throws MillraceError SCORING_CLOSED (retriable) while the process ends: whoever takes over answers these vectors
 */
export async function scoreRows(scorer: Scorer, rows: Float32Array, n: number, mayRecover: () => boolean): Promise<RowAnswer[]> {
  const { losses, features } = scorer;
  const { onTrial } = losses;
  const first = await ask(scorer, rows, n);
  if (!(first instanceof MillraceError)) return answersOf(first, n);
  let lostCalls = lost.has(first.code) ? 1 : 0;
  if (lostCalls > 0 && !onTrial && mayRecover()) {
    const second = await ask(scorer, rows, n);
    if (lost.has((second as Partial<MillraceError>).code ?? '')) lostCalls++;
    else if (!(second instanceof MillraceError) || second.code !== refused) {
      losses.add(lostCalls);
      return second instanceof MillraceError ? all(n, second) : answersOf(second, n);
    }
  } else if (first.code !== refused) {
    losses.add(lostCalls);
    return all(n, first);
  }
  if (n === 1 || !mayRecover()) {
    losses.add(lostCalls);
    return all(n, first);
  }

  const answers: RowAnswer[] = [];
  let poison = 0;
  let last = first;
  for (let row = 0; row < n && poison <= mostPoison && mayRecover(); row++) {
    const answer = await ask(scorer, rows.subarray(row * features, (row + 1) * features), 1);
    if (!(answer instanceof MillraceError)) {
      answers.push(answersOf(answer, 1)[0]!);
      continue;
    }
    answers.push(said((last = answer)));
    if (lost.has(answer.code)) poison++;
    else if (answer.code !== refused) break;
  }
  // What single rows did says nothing of the model, as long as it answers the others.
  if (answers.length < n || !answers.some((answer) => typeof answer === 'number')) losses.add(lostCalls + poison);
  while (answers.length < n) answers.push(said(last));
  return answers;
}

/** Scores, or the error that says why there are none. */
async function ask(scorer: Scorer, rows: Float32Array, n: number): Promise<Float32Array | MillraceError> {
  if (scorer.losses.resting) return new MillraceError(failing.code, failing.reason);
  try {
    const scores = await scorer.score(rows, n);
    scorer.losses.answered();
    return scores;
  } catch (error) {
    if (!(error instanceof MillraceError)) throw error;
    if (error.code === 'SCORING_CLOSED') throw new MillraceError(error.code, error.message, { retriable: true, cause: error });
    // Whatever else there is, it cannot be asked now.
    if (!lost.has(error.code) && error.code !== refused) scorer.losses.fail();
    return error;
  }
}

const answersOf = (scores: Float32Array, n: number): RowAnswer[] => Array.from({ length: n }, (_, row) => (Number.isFinite(scores[row]) ? scores[row]! : 'the score of the model is not a finite number'));
const said = ({ message, code }: MillraceError): string => `${message} (${code})`;
const all = (n: number, error: MillraceError): RowAnswer[] => Array<RowAnswer>(n).fill(said(error));

import { MillraceError } from '@millrace/contracts';
import { championOf } from '@millrace/rollout';
import type { ModelBoard } from './board.ts';
import type { Asked, CommandKind } from './commands.ts';

/** What operators can ask for so far. */
const built: readonly CommandKind[] = ['RETRAIN', 'ABORT', 'ROLL_BACK'];

/** @throws MillraceError INVALID_REQUEST or REFUSED */
export function commandKind(text: unknown): CommandKind {
  const kind = built.find((each) => each === text);
  if (kind) return kind;
  const planned: readonly unknown[] = ['APPROVE', 'REJECT', 'PROMOTE', 'PAUSE', 'SCORE_BATCH'];
  if (planned.includes(text)) throw new MillraceError('REFUSED', `${String(text)} is not built yet`, { hint: `so far: ${built.join(', ')}` });
  throw new MillraceError('INVALID_REQUEST', `'${String(text)}' is no kind of command`, { hint: `one of ${built.join(', ')}` });
}

/**
 * Checks a command against what is known of the model, as far as it can be known here: the deployer, which hears of it later,
 * decides. A rollback or abort gets the version that it is about, so that it never takes back more than its sender saw.
 *
 * @throws MillraceError CONFLICT when nothing could follow from it
 */
export function checkCommand(asked: Asked, { routes }: ModelBoard): Asked {
  const { kind, version, model } = asked;
  if (kind !== 'ROLL_BACK' && kind !== 'ABORT') return asked;
  const { running } = routes;
  const about = running ?? championOf(routes);
  if (kind === 'ABORT' && !running) throw conflict(`no rollout of ${model} is running`);
  if (!about) throw conflict(`${model} has no version that answers`);
  if (version !== null && version !== about.version) throw conflict(`version ${version} of ${model} neither takes over nor is the champion`, `version ${about.version} is`);
  if (running && running.epoch !== undefined && routes.champions.every((champion) => champion.version === running.version)) throw conflict(`version ${running.version} of ${model} is the first: there is nothing to go back to`);
  if (!running && routes.champions.length < 2) throw conflict(`${model} has no champion to go back to: version ${about.version} is the first that is not withdrawn`);
  return { ...asked, version: about.version };
}

function conflict(sentence: string, hint?: string): MillraceError {
  return new MillraceError('CONFLICT', sentence, hint === undefined ? {} : { hint });
}

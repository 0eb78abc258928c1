import { MillraceError } from '@millrace/contracts';
import { championOf } from '@millrace/rollout';
import type { ModelBoard } from './board.ts';
import type { Asked, CommandKind } from './commands.ts';

/** What operators can ask for so far, with the topic that tells whether anything could follow. */
const built: Readonly<Partial<Record<CommandKind, 'rollouts' | 'model-versions' | undefined>>> = { RETRAIN: undefined, APPROVE: 'model-versions', REJECT: 'model-versions', ABORT: 'rollouts', ROLL_BACK: 'rollouts' };
const planned: readonly unknown[] = ['PROMOTE', 'PAUSE', 'SCORE_BATCH'] satisfies CommandKind[];

/** @throws MillraceError INVALID_REQUEST, or REFUSED for a kind that is not built */
export function commandKind(text: unknown): CommandKind {
  const kinds = Object.keys(built) as CommandKind[];
  const kind = kinds.find((each) => each === text);
  if (kind) return kind;
  if (planned.includes(text)) throw new MillraceError('REFUSED', `${String(text)} is not built yet`, { hint: `so far: ${kinds.join(', ')}` });
  throw new MillraceError('INVALID_REQUEST', `'${String(text)}' is no kind of command`, { hint: `one of ${kinds.join(', ')}` });
}

/** The topic that must have been read to its end before a command of this kind can be checked. */
export const topicToKnow = (kind: CommandKind): 'rollouts' | 'model-versions' | undefined => built[kind];

/**
 * Checks a command against what is known of the model, as far as it can be known here: the service that acts on it hears of it
 * later and decides. A rollback or abort gets the version that it is about, so that it never takes back more than its sender saw.
 *
 * @throws MillraceError CONFLICT when nothing could follow from it
 */
export function checkCommand(asked: Asked, model: ModelBoard): Asked {
  switch (asked.kind) {
    case 'APPROVE':
    case 'REJECT':
      return checkVerdict(asked, model);
    case 'ABORT':
    case 'ROLL_BACK':
      return { ...asked, version: versionToLeave(asked, model) };
    default:
      return asked;
  }
}

function checkVerdict(asked: Asked, { versions }: ModelBoard): Asked {
  const { version, model, kind } = asked;
  if (version === null) throw new MillraceError('INVALID_REQUEST', `'version' is missing`, { hint: `say which version of ${model}` });
  const found = versions.get(version);
  if (!found) throw conflict(`${model} has no version ${version}`);
  if (found.state !== 'registered') throw conflict(`version ${version} of ${model} is ${found.state} already: ${kind.toLowerCase()} comes too late`);
  return asked;
}

function versionToLeave({ kind, version, model }: Asked, { routes }: ModelBoard): number {
  const { running, champions } = routes;
  const about = running ?? championOf(routes);
  if (kind === 'ABORT' && !running) throw conflict(`no rollout of ${model} is running`);
  if (!about) throw conflict(`${model} has no version that answers`);
  if (version !== null && version !== about.version) throw conflict(`version ${version} of ${model} neither takes over nor is the champion`, `version ${about.version} is`);
  if (running?.stage === 'taking-over') throw conflict(`version ${running.version} of ${model} is the first: there is nothing to go back to`);
  if (!running && champions.length < 2) throw conflict(`${model} has nothing to go back to: no other champion that was not withdrawn`);
  return about.version;
}

function conflict(sentence: string, hint?: string): MillraceError {
  return new MillraceError('CONFLICT', sentence, hint === undefined ? {} : { hint });
}

import { RolloutCompleted } from '@millrace/contracts';
import { championOf, foldRoutes, judgeStep, nextWeight, type ModelRoutes, type RunningRollout } from '@millrace/rollout';
import { adoptedSlots, canAbort, championFailedShare, loadedSlots, onAll, outcomesOf } from './evidence.ts';
import type { Heard, RolloutRules } from './heard.ts';
import { routesOf, type RolloutEvent, type RolloutsState } from './rollouts.ts';
import { aborted, begun, routedAlone, stepped } from './route-events.ts';
import { waitedMs } from './waiting.ts';

interface Situation {
  readonly model: string;
  readonly routes: ModelRoutes;
  readonly heard: Heard;
  readonly rules: RolloutRules;
  readonly waitedMs: number;
}

/**
 * What follows for a model from everything that is known. Depends on no input in particular: whatever came late, twice or in
 * another order, the same knowledge gives the same decision, and a decision that was made leads to none.
 */
export function* progressOf(state: RolloutsState, model: string): Generator<RolloutEvent> {
  const rules = state.heard.rules.get(model);
  if (!rules) return;
  let routes = routesOf(state, model);
  let waited = waitedMs(state, model);
  for (;;) {
    const events = [...decisions({ model, routes, heard: state.heard, rules, waitedMs: waited })];
    if (events.length === 0) return;
    yield* events;
    routes = events.reduce(foldRoutes, routes);
    waited = 0;
  }
}

function* decisions(now: Situation): Generator<RolloutEvent> {
  const { running } = now.routes;
  if (!running) return yield* begin(now);
  const failure = now.heard.failed.get(running.rolloutId);
  if (failure !== undefined && canAbort(now.routes)) return yield* aborted(now.model, now.routes, failure, 'deployer');
  if (running.stage === 'staging') yield* stage(now, running);
  else if (running.stage === 'canary') yield* step(now, running);
  else yield* complete(now, running);
}

function* begin({ model, routes, heard, rules }: Situation): Generator<RolloutEvent> {
  const next = heard.approved.get(model)?.find(({ version }) => !routes.started.has(version) && !routes.withdrawn.has(version));
  if (next && heard.slots > 0) yield begun(model, routes, next, rules.steps);
}

function* stage(now: Situation, running: RunningRollout): Generator<RolloutEvent> {
  const { model, routes, heard, rules } = now;
  const loaded = loadedSlots(heard, running.rolloutId);
  if (!onAll(heard, loaded)) {
    if (now.waitedMs >= rules.maximumWaitMs) yield* aborted(model, routes, `only ${loaded.length} of ${heard.slots} slots loaded it within ${rules.maximumWaitMs / 1000} s`, 'deployer');
    return;
  }
  const champion = championOf(routes);
  const weight = nextWeight(running.steps, 0);
  if (champion && weight !== undefined) yield stepped(model, routes, running, champion, weight, `version ${running.version} is loaded by all slots: first step`);
  else yield routedAlone(model, routes, running.rolloutId, running, `version ${running.version} is the first: loaded by all slots`);
}

function* step(now: Situation, running: RunningRollout): Generator<RolloutEvent> {
  const { model, routes, heard, rules } = now;
  const champion = championOf(routes);
  if (!champion || running.epoch === undefined) return;
  const adopted = adoptedSlots(heard, model, running.epoch);
  if (!onAll(heard, adopted)) {
    if (now.waitedMs >= rules.maximumWaitMs) yield* aborted(model, routes, `only ${adopted.length} of ${heard.slots} slots adopted epoch ${running.epoch} within ${rules.maximumWaitMs / 1000} s`, 'deployer');
    return;
  }
  const canary = outcomesOf(heard, model, running, 'CANARY');
  const verdict = judgeStep({
    weight: running.weight, canary, champion: outcomesOf(heard, model, running, 'CHAMPION'), championFailedShare: championFailedShare(heard, model, running),
    minimum: rules.minimum, elapsedMs: now.waitedMs, maximumWaitMs: rules.maximumWaitMs,
  });
  if (verdict === 'wait') return;
  if (verdict !== 'advance') return yield* aborted(model, routes, verdict.abort, 'deployer');
  const weight = nextWeight(running.steps, running.weight);
  const held = `held at ${running.weight} % for ${canary.ok + canary.fallback + canary.failed} outcomes`;
  if (weight !== undefined) return yield stepped(model, routes, running, champion, weight, held);
  yield routedAlone(model, routes, running.rolloutId, running, held);
  yield new RolloutCompleted({ model, rolloutId: running.rolloutId, version: running.version, bundle: running.bundle });
}

/** The first version has no champion to go back to: its route waits for the slots as long as it takes. */
function* complete({ model, heard }: Situation, running: RunningRollout): Generator<RolloutEvent> {
  const { rolloutId, version, bundle, epoch } = running;
  if (epoch !== undefined && onAll(heard, adoptedSlots(heard, model, epoch))) yield new RolloutCompleted({ model, rolloutId, version, bundle });
}

import { waitsFor } from './evidence.ts';
import type { Wait } from './heard.ts';
import { routesOf, type RolloutsState } from './rollouts.ts';

/** Ticks come once per second; what lies further apart is sleep of the process or the machine, not waiting. */
const longestTickMs = 5000;

/**
 * Counts how long each running rollout has waited for what it waits for now. Only time in which this decider was awake counts, and a
 * restart counts anew: an outage of the platform says nothing about a candidate. Ticks stand in no topic, so this is the one part
 * of the state that a restart does not bring back.
 */
export function tickWaits(state: RolloutsState, now: number): RolloutsState {
  const waits = new Map<string, Wait>();
  for (const model of state.routes.keys()) {
    const what = waitsFor(routesOf(state, model), state.heard, model);
    if (what === undefined) continue;
    const before = state.heard.waits.get(model);
    const passed = before?.for === what ? before.waitedMs + Math.min(longestTickMs, Math.max(0, now - before.at)) : 0;
    waits.set(model, { for: what, waitedMs: passed, at: now });
  }
  return { ...state, heard: { ...state.heard, waits } };
}

/** Time that a model's rollout has waited for what it waits for now, ms. */
export function waitedMs(state: RolloutsState, model: string): number {
  const wait = state.heard.waits.get(model);
  return wait && wait.for === waitsFor(routesOf(state, model), state.heard, model) ? wait.waitedMs : 0;
}

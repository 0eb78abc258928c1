import type { GateDefinition } from '@millrace/definitions';
import type { Runtime } from '../runtime.ts';
import { answersInRuntime } from './answers-in-runtime.ts';
import { atLeast } from './at-least.ts';
import { betterThanChampion } from './better-than-champion.ts';
import type { Gate } from './gate.ts';

/** The gate that a definition declares. */
export function gateOf(definition: GateDefinition, runtime: Runtime): Gate {
  switch (definition.kind) {
    case 'at-least':
      return atLeast(definition.metric, definition.limit);
    case 'better-than-champion':
      return betterThanChampion(definition.metric);
    case 'answers-in-runtime':
      return answersInRuntime(runtime);
  }
}

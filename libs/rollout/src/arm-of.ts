import { MillraceError, murmur3, type Arm } from '@millrace/contracts';

const encoder = new TextEncoder();

/**
 * Place of an event in [0, 100) within one rollout: murmur3(eventId ‖ rolloutId as UTF-8) / 2³² · 100. The same on every machine;
 * another rollout shuffles the events anew, so that it is not always the same ones that meet a new version first.
 */
export function shareOf(eventId: Uint8Array, rolloutId: string): number {
  const suffix = encoder.encode(rolloutId);
  const bytes = new Uint8Array(eventId.length + suffix.length);
  bytes.set(eventId);
  bytes.set(suffix, eventId.length);
  return (murmur3(bytes) / 2 ** 32) * 100;
}

/**
 * The arm that answers an event. The canary takes [0, weight) of {@link shareOf} and the champion the rest, so every event that a
 * canary answers at 5 % it answers at 25 % too, on any number of partitions.
 * Source: hash-based traffic splitting as in Kohavi, Tang and Xu, "Trustworthy Online Controlled Experiments", 2020, chapter 4.
 *
 * @param eventId 16 bytes
 * @param arms of a route: one champion, perhaps one canary, weights in per cent that add up to 100. Arms without traffic
 *   (PREVIOUS, SHADOW) may stand beside them and never answer here.
 * @throws MillraceError NOT_A_ROUTE
 * @example armOf(eventId, 'flight-delay@2', [{ role: 'CHAMPION', version: 1, bundle, weight: 95 }, { role: 'CANARY', version: 2, bundle, weight: 5 }])
 */
export function armOf<A extends Pick<Arm, 'role' | 'weight'>>(eventId: Uint8Array, rolloutId: string, arms: readonly A[]): A {
  const { champion, canary } = splitOf(arms);
  if (canary && (canary.weight === 100 || shareOf(eventId, rolloutId) < canary.weight)) return canary;
  return champion ?? invalid('no champion');
}

function splitOf<A extends Pick<Arm, 'role' | 'weight'>>(arms: readonly A[]): { champion: A | undefined; canary: A | undefined } {
  let champion: A | undefined;
  let canary: A | undefined;
  for (const arm of arms) {
    if (arm.role === 'CHAMPION') champion = champion ? invalid('two champions') : arm;
    else if (arm.role === 'CANARY') canary = canary ? invalid('two canaries') : arm;
  }
  for (const arm of [champion, canary]) if (arm && !(arm.weight >= 0 && arm.weight <= 100)) invalid(`weight ${arm.weight}`);
  const total = (champion?.weight ?? 0) + (canary?.weight ?? 0);
  if (total !== 100) invalid(`weights of champion and canary add up to ${total}`);
  return { champion, canary };
}

function invalid(what: string): never {
  throw new MillraceError('NOT_A_ROUTE', `route has ${what}`, { hint: 'a route needs one champion or canary at 100 %, or both with weights that add up to 100' });
}

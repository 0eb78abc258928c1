/** Sums of up to 2^53 / 2^26 = 134 million probabilities stay exact; a single value is off by 2^-27 at most. */
const unitsPerOne = 2 ** 26;

/**
 * A real number as a whole number of units. Sums of whole numbers do not depend on the order of their terms and terms can be taken
 * back exactly, which sums of floats cannot: two slots that read the same records in another order must agree on every bit.
 *
 * @example fromUnits(toUnits(0.5) + toUnits(0.25)) // 0.75
 */
export function toUnits(value: number): number {
  return Math.round(value * unitsPerOne);
}

export function fromUnits(units: number): number {
  return units / unitsPerOne;
}

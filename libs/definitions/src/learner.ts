import type { EncodingDefinition, LearnerDefinition } from './definition-set.ts';

declare const encodes: unique symbol;

/** A learner that encodes the features K in its own way. */
export interface Learner<K extends string> extends LearnerDefinition {
  readonly [encodes]?: () => K;
}

/** Sine and cosine of `harmonics` multiples of value / period, for what comes round again. */
export const cyclic = (period: number, harmonics = 1): EncodingDefinition => ({ kind: 'cyclic', period, harmonics });
/** One column per whole number from 0 to size - 1. */
export const oneHot = (size: number): EncodingDefinition => ({ kind: 'one-hot', size });

/** Logistic regression; C = inverse strength of the L2 penalty. Features that `encode` does not name enter standardised. */
export function logisticRegression<const E extends Readonly<Record<string, EncodingDefinition>> = Record<never, EncodingDefinition>>({ C = 1, encode }: { C?: number; encode?: E }): Learner<keyof E & string> {
  return { kind: 'logistic-regression', C, encode: encode ?? {} };
}

import type { EntityDefinition, ModelDefinition, RowFeaturesDefinition, StreamDefinition, ViewDefinition } from './definition-set.ts';

/** A definition as it was typed, with what it needs and where it stands. */
export type Defined =
  | (Base & { readonly kind: 'stream'; readonly definition: StreamDefinition })
  | (Base & { readonly kind: 'entity'; readonly definition: EntityDefinition })
  | (Base & { readonly kind: 'row features'; readonly definition: RowFeaturesDefinition })
  | (Base & { readonly kind: 'view'; readonly definition: ViewDefinition })
  | (Base & { readonly kind: 'model'; readonly definition: Omit<ModelDefinition, 'featureSet'> });

interface Base {
  /** `path:line`. */
  readonly at: string;
  readonly needs: readonly Defined[];
}

// A registered symbol, so that definitions are recognised even where a bundler made two copies of this library.
const key = Symbol.for('millrace.defined');

/** Marks an object as the outcome of a definition; copies by spread do not carry the mark. */
export function mark<T extends object>(object: T, defined: Defined): T {
  return Object.freeze(Object.defineProperty(object, key, { value: defined }));
}

export function definedOf(object: unknown): Defined | undefined {
  return typeof object === 'object' && object !== null ? (object as { [key]?: Defined })[key] : undefined;
}

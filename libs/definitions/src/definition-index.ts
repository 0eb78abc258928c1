import { definitionError } from './definition-error.ts';
import type { DefinitionSet, EntityDefinition, RowFeaturesDefinition, StreamDefinition, ViewDefinition } from './definition-set.ts';
import type { FieldKind } from './field.ts';

/** Parts of a set by name. Look-ups refuse names that the set does not have. */
export class DefinitionIndex {
  private readonly streams: ReadonlyMap<string, StreamDefinition>;
  private readonly entities: ReadonlyMap<string, EntityDefinition>;
  private readonly rows: ReadonlyMap<string, RowFeaturesDefinition>;
  private readonly views: ReadonlyMap<string, ViewDefinition>;

  private readonly fieldKinds = new Map<string, Readonly<Record<string, FieldKind>>>();

  /** @throws MillraceError DEFINITION_INVALID when two parts have one name */
  constructor(set: Pick<DefinitionSet, 'streams' | 'entities' | 'rowFeatures' | 'views'>) {
    this.streams = byName('stream', set.streams, ({ name }) => name);
    this.entities = byName('entity', set.entities, ({ name }) => name);
    this.rows = byName('row features', set.rowFeatures, ({ stream }) => stream);
    this.views = byName('view', set.views, ({ name }) => name);
    for (const name of this.views.keys()) if (this.rows.has(name)) throw definitionError(`view '${name}'`, 'a stream with row features has this name too');
  }

  stream(name: string, by: string): StreamDefinition {
    return this.streams.get(name) ?? missing('stream', name, by);
  }

  /** Kinds of a stream's fields by name. */
  kinds(name: string, by: string): Readonly<Record<string, FieldKind>> {
    let kinds = this.fieldKinds.get(name);
    if (!kinds) this.fieldKinds.set(name, (kinds = Object.fromEntries(this.stream(name, by).fields.map((field) => [field.name, field.kind]))));
    return kinds;
  }

  /** CEL of an entity's key on a stream. */
  key(entity: string, stream: string, by: string): string {
    const { keys } = this.entities.get(entity) ?? missing('entity', entity, by);
    return Object.hasOwn(keys, stream) ? keys[stream]! : missing(`key of '${entity}' on`, stream, by);
  }

  /** What `<view or stream>.<name>` stands for. */
  feature(reference: string, by: string): FoundFeature {
    const [group = '', name = ''] = reference.split('.');
    const view = this.views.get(group);
    if (view) {
      const feature = view.features.findIndex((each) => each.name === name);
      return feature < 0 ? missing('feature', reference, by) : { kind: 'window', view, feature };
    }
    const row = this.rows.get(group)?.features.find((each) => each.name === name);
    return row ? { kind: 'row', stream: group, value: row.value } : missing('feature', reference, by);
  }
}

export type FoundFeature = { readonly kind: 'row'; readonly stream: string; readonly value: string } | { readonly kind: 'window'; readonly view: ViewDefinition; readonly feature: number };

function byName<T>(kind: string, all: readonly T[], nameOf: (each: T) => string): Map<string, T> {
  const map = new Map<string, T>();
  for (const each of all) {
    const name = nameOf(each);
    if (map.has(name)) throw definitionError(`${kind} '${name}'`, 'it is defined twice');
    map.set(name, each);
  }
  return map;
}

function missing(kind: string, name: string, by: string): never {
  throw definitionError(by, `there is no ${kind} '${name}'`);
}

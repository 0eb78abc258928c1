import { canonicalJson, sha256 } from './canonical-json.ts';
import { compileCel } from './compile-cel.ts';
import type { DefinitionIndex } from './definition-index.ts';
import { definitionError } from './definition-error.ts';
import type { ModelDefinition } from './definition-set.ts';

/**
 * SHA-256 hex over a model's ordered features and everything their values depend on: expressions, kinds of the fields they read,
 * windows, and the version of the time zone database where one of them uses it. Names of views and entities do not count.
 */
export function featureSetOf(model: Pick<ModelDefinition, 'name' | 'predicts' | 'features'>, index: DefinitionIndex, timeZoneData: string): string {
  const by = `model '${model.name}'`;
  let usesZones = false;
  const expression = (stream: string, source: string): object => {
    const fields = index.kinds(stream, by);
    let compiled;
    try {
      compiled = compileCel(source, fields);
    } catch (error) {
      throw definitionError(by, `${(error as Error).message}, in: ${source}`);
    }
    usesZones ||= compiled.zoned;
    return { stream, source, fields: Object.fromEntries(compiled.reads.map((name) => [name, fields[name]])) };
  };
  const features = model.features.map(({ name, feature }) => {
    const found = index.feature(feature, by);
    if (found.kind === 'row') return { name, row: expression(found.stream, found.value) };
    const { from, entity, resolutionMs } = found.view;
    const { aggregate, of, window, lengthMs } = found.view.features[found.feature]!;
    return {
      name,
      aggregate,
      of: of === undefined ? undefined : expression(from, of),
      window,
      lengthMs,
      resolutionMs,
      from,
      fedBy: expression(from, index.key(entity, from, by)),
      askedBy: expression(model.predicts, index.key(entity, model.predicts, by)),
    };
  });
  return sha256(canonicalJson({ features, timeZoneData: usesZones ? timeZoneData : undefined }));
}

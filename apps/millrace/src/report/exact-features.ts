import type { DefinitionSet, ModelDefinition } from '@millrace/definitions';

const rounded = new Set(['mean', 'share', 'standardDeviation', 'sum']);

/** By feature of a model: whether its value has one right float32. Means and shares depend on the order of float64 sums. */
export function exactFeatures({ features }: ModelDefinition, { views }: Pick<DefinitionSet, 'views'>): boolean[] {
  return features.map(({ feature }) => {
    const [group, name] = feature.split('.');
    const found = views.find((view) => view.name === group)?.features.find((each) => each.name === name);
    return found === undefined || !rounded.has(found.aggregate);
  });
}

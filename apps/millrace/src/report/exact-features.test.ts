import { describe, expect, it } from '@jest/globals';
import type { DefinitionSet, ModelDefinition } from '@millrace/definitions';
import { exactFeatures } from './exact-features.ts';

describe('features with one right value', () => {
  it('are those of the row and counts, not means and shares', () => {
    const views = [{ name: 'traffic', features: [{ name: 'count60m', aggregate: 'count' }, { name: 'share3h', aggregate: 'share' }, { name: 'mean60m', aggregate: 'mean' }] }] as unknown as DefinitionSet['views'];
    const features = ['departures.hourOfDay', 'traffic.count60m', 'traffic.share3h', 'traffic.mean60m'].map((feature) => ({ name: feature, feature }));
    expect(exactFeatures({ features } as unknown as ModelDefinition, { views })).toEqual([true, true, false, false]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { definitionFuzz } from './definition-fuzz.ts';
import { fuzz } from './fuzz-target.ts';
import { onnxFuzz } from './onnx-fuzz.ts';

// Short runs of `npm run fuzz`.
/** No speed: what takes so long hangs. */
const hangMs = 10_000;

describe('what people hand in', () => {
  it('definitions: 1,500 generated, changed and broken sets', async () => {
    const { findings, accepted, refused } = await fuzz(definitionFuzz(), 7, 0, 1500, { mostMs: hangMs });
    expect(findings).toEqual([]);
    expect(accepted).toBeGreaterThan(100);
    expect(refused['DEFINITION_INVALID']).toBeGreaterThan(500);
  }, 60_000);

  it('ONNX: 2,000 mutated models, some of those that pass in a process of their own', async () => {
    const { findings, refused, accepted } = await fuzz(onnxFuzz({ loadEvery: 40 }), 7, 0, 2000, { mostMs: hangMs });
    expect(findings).toEqual([]);
    expect(refused['MODEL_REFUSED']).toBeGreaterThan(500);
    expect(accepted).toBeGreaterThan(50);
  }, 120_000);
});

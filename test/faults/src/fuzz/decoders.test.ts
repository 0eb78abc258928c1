import { describe, expect, it } from '@jest/globals';
import { avroFuzz } from './avro-fuzz.ts';
import { fuzz } from './fuzz-target.ts';
import { recordBatchFuzz } from './record-batch-fuzz.ts';

// Short runs of `npm run fuzz`; the long ones have their own process with a small heap.
describe('decoders of what comes from outside', () => {
  it('Avro: 20,000 valid and hostile bodies', async () => {
    const { findings, accepted, refused } = await fuzz(avroFuzz(), 7, 0, 20_000);
    expect(findings).toEqual([]);
    expect(accepted).toBeGreaterThan(2500);
    expect(refused['NOT_AVRO']).toBeGreaterThan(5000);
  }, 60_000);

  it('record batches: 1,500 sound, broken and exploding ones', async () => {
    const { findings, accepted } = await fuzz(recordBatchFuzz(), 7, 0, 1500);
    expect(findings).toEqual([]);
    expect(accepted).toBeGreaterThan(700);
  }, 60_000);
});

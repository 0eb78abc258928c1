import { describe, expect, it } from '@jest/globals';
import { avroFuzz } from './avro-fuzz.ts';
import { fuzz } from './fuzz-target.ts';
import { recordBatchFuzz } from './record-batch-fuzz.ts';

// Short runs of `npm run fuzz`; the long ones have their own process with a small heap.
/** No speed: what takes so long hangs. */
const hangMs = 10_000;

describe('decoders of what comes from outside', () => {
  it('Avro: 10,000 valid and hostile bodies', async () => {
    const { findings, accepted, refused } = await fuzz(avroFuzz(), 7, 0, 10_000, { mostMs: hangMs });
    expect(findings).toEqual([]);
    expect(accepted).toBeGreaterThan(1200);
    expect(refused['NOT_AVRO']).toBeGreaterThan(3000);
  }, 60_000);

  it('record batches: 600 sound, broken and exploding ones', async () => {
    const { findings, accepted } = await fuzz(recordBatchFuzz(), 7, 0, 600, { mostMs: hangMs });
    expect(findings).toEqual([]);
    expect(accepted).toBeGreaterThan(300);
  }, 60_000);
});

import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { boundedGzip, COMPRESSION, inflate } from './bounded-inflate.ts';
import { installPatches } from './install-patches.ts';
import { assertKafkajsUnchanged, KAFKAJS_MODULES, KAFKAJS_VERSION, requireKafkajs } from './kafkajs-modules.ts';

describe('assertKafkajsUnchanged', () => {
  it('accepts the installed kafkajs', () => {
    expect(() => assertKafkajsUnchanged()).not.toThrow();
  });

  it('refuses another version and any changed module, and names it', () => {
    expect(() => assertKafkajsUnchanged({ version: '2.2.5', modules: KAFKAJS_MODULES })).toThrow(expect.objectContaining({ code: 'KAFKAJS_CHANGED' }));
    expect(() => assertKafkajsUnchanged({ version: KAFKAJS_VERSION, modules: { ...KAFKAJS_MODULES, 'src/broker/index.js': '00' } })).toThrow(/src\/broker\/index\.js/);
  });
});

describe('installPatches', () => {
  it('replaces the modules that kafkajs then binds, once', async () => {
    const kafkajs = installPatches();
    expect(installPatches()).toBe(kafkajs);
    const filter = requireKafkajs('kafkajs/src/consumer/filterAbortedMessages.js') as { name: string };
    expect(filter.name).toBe('withoutAborted');
    expect(kafkajs.CompressionCodecs[COMPRESSION.gzip]).toBe(boundedGzip);
  });
});

describe('inflate', () => {
  it('gives back what was compressed', async () => {
    const text = Buffer.from('flight '.repeat(1000));
    expect(await inflate(COMPRESSION.gzip, await boundedGzip().compress({ buffer: text }))).toEqual(text);
  });

  it('stops at the limit instead of filling the memory', async () => {
    const bomb = gzipSync(Buffer.alloc(80 * 1024 * 1024));
    expect(bomb.length).toBeLessThan(100_000);
    await expect(boundedGzip().decompress(bomb)).rejects.toMatchObject({ code: 'COMPRESSED_BATCH_TOO_LARGE' });
  });

  it('names a codec that it cannot read', async () => {
    await expect(inflate(5, Buffer.alloc(3))).rejects.toMatchObject({ code: 'COMPRESSION_UNSUPPORTED' });
  });
});

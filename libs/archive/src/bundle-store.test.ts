import { createHash } from 'node:crypto';
import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';

import { BundleStore } from './bundle-store.ts';

const text = (content: string): Uint8Array => new TextEncoder().encode(content);
const files = new Map([
  ['signature.json', text('{"input":"features"}')],
  ['model.onnx', text('not really a model')],
]);

describe('a bundle', () => {
  let root: string;
  let store: BundleStore;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'bundles-'));
    store = new BundleStore(root);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('is named by the digest of its sorted manifest and read back', async () => {
    const digest = await store.put(files);

    const sha = (content: string): string => createHash('sha256').update(content).digest('hex');
    const manifest = `{"model.onnx":"${sha('not really a model')}","signature.json":"${sha('{"input":"features"}')}"}`;
    expect(digest).toBe(sha(manifest));
    const bundle = await store.open(digest);
    expect(bundle.names).toEqual(['model.onnx', 'signature.json']);
    expect(await bundle.json('signature.json')).toEqual({ input: 'features' });
    expect(Buffer.from(await bundle.read('model.onnx')).toString()).toBe('not really a model');
  });

  it('can be put twice, also at the same time, and leaves nothing else behind', async () => {
    const digests = await Promise.all([store.put(files), store.put(new Map([...files].reverse())), store.put(files)]);
    expect(new Set(digests).size).toBe(1);
    expect(await readdir(join(root, 'bundles'))).toEqual([digests[0]]);
  });

  it('that is not there may come later', async () => {
    await expect(store.open('0'.repeat(64))).rejects.toMatchObject({ code: 'BUNDLE_MISSING', retriable: true });
    await expect(store.open('../etc')).rejects.toMatchObject({ code: 'BUNDLE_MISSING' });
  });

  it.each([
    ['changed file', 'model.onnx', 'something else'],
    ['changed manifest', 'manifest.json', '{}'],
    ['file of nobody', 'model.onnx.data', 'x'],
  ])('with a %s is refused, and mended by putting it again', async (_, name, content) => {
    const digest = await store.put(files);
    await writeFile(join(root, 'bundles', digest, name), content);
    await expect(store.open(digest)).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT', retriable: false });
    await store.put(files);
    expect((await store.open(digest)).digest).toBe(digest);
  });

  it('changed after it was opened is refused when read', async () => {
    const bundle = await store.open(await store.put(files));
    await writeFile(join(bundle.path, 'model.onnx'), 'something else');
    await expect(bundle.read('model.onnx')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
    await expect(bundle.read('../secret')).rejects.toMatchObject({ code: 'BUNDLE_CORRUPT' });
  });

  it.each(['../model.onnx', 'a/b', '', '.hidden', 'manifest.json'])('does not take the file name %j', async (name) => {
    await expect(store.put(new Map([[name, text('x')]]))).rejects.toMatchObject({ code: 'BUNDLE_INVALID' });
  });
});

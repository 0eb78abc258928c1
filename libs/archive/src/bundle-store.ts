import { createHash } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdir, open, readFile, readdir, rename, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { pipeline } from 'node:stream/promises';

import { MillraceError } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';

import { removeStale, syncFolder, temporaryName } from './atomic-file.ts';
import { Bundles, type Bundle } from './bundles.ts';

const MANIFEST = 'manifest.json';
const PLAIN_NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,126}$/;
const DIGEST = /^[0-9a-f]{64}$/;

/**
 * Bundles below `<root>/bundles/<digest>/`.
 *
 * The manifest is `{ "<file>": "<SHA-256 hex>", … }` in JSON without blanks, names sorted by code unit; the digest is the
 * SHA-256 of its bytes. A bundle appears by one rename, so a half-written one is never seen.
 *
 * @example
 * const store = new BundleStore('/var/lib/millrace');
 * const digest = await store.put(new Map([['card.md', Buffer.from('# flight-delay')]]));
 * (await store.open(digest)).path; // '/var/lib/millrace/bundles/<digest>'
 */
export class BundleStore extends Bundles {
  private readonly folder: string;

  constructor(root: string) {
    super();
    this.folder = resolve(root, 'bundles');
  }

  async put(files: ReadonlyMap<string, Uint8Array>): Promise<string> {
    const manifest = manifestOf(files);
    const digest = sha256(manifest);
    if (await this.stands(digest)) return digest;
    await mkdir(this.folder, { recursive: true });
    await removeStale(this.folder);
    const target = join(this.folder, digest);
    const temporary = temporaryName(target);
    try {
      await mkdir(temporary);
      for (const [name, content] of [...files, [MANIFEST, manifest] as const]) await writeSynced(join(temporary, name), content);
      await syncFolder(temporary);
      await failPoint('bundle.written');
      await rename(temporary, target);
      await syncFolder(this.folder);
      await failPoint('bundle.named');
    } catch (error) {
      await rm(temporary, { recursive: true, force: true });
      // Another process may have put the same content in the meantime.
      if (!(await this.stands(digest))) throw error;
    }
    return digest;
  }

  async open(digest: string): Promise<Bundle> {
    if (!DIGEST.test(digest)) throw new MillraceError('BUNDLE_MISSING', `'${digest}' is no bundle digest`, { hint: 'a digest has 64 hex digits' });
    const path = join(this.folder, digest);
    const manifest = await readFile(join(path, MANIFEST)).catch((cause: unknown) => {
      throw new MillraceError('BUNDLE_MISSING', `no bundle ${digest} in ${this.folder}`, { retriable: true, cause });
    });
    if (sha256(manifest) !== digest) throw corrupt(digest, 'its manifest has another digest');
    const digests = new Map(Object.entries(JSON.parse(manifest.toString('utf8')) as Record<string, string>));
    const strangers = (await readdir(path)).filter((name) => name !== MANIFEST && !digests.has(name));
    if (strangers.length > 0) throw corrupt(digest, `its manifest does not list ${strangers.join(', ')}`);
    for (const [name, expected] of digests) {
      if ((await sha256OfFile(join(path, name))) !== expected) throw corrupt(digest, `${name} is missing or has another digest`);
    }
    const read = async (name: string): Promise<Uint8Array> => {
      const content = digests.has(name) ? await readFile(join(path, name)).catch(() => undefined) : undefined;
      if (content === undefined || sha256(content) !== digests.get(name)) throw corrupt(digest, `${name} is missing or has another digest`);
      return content;
    };
    const json = async (name: string): Promise<unknown> => {
      const text = Buffer.from(await read(name)).toString('utf8');
      try {
        return JSON.parse(text);
      } catch (cause) {
        throw corrupt(digest, `${name} is not JSON`, cause);
      }
    };
    return { digest, path, names: [...digests.keys()].sort(), read, json };
  }

  /** Whether the bundle stands whole; a damaged one makes room for a new copy. */
  private async stands(digest: string): Promise<boolean> {
    try {
      await this.open(digest);
      return true;
    } catch (error) {
      if (!(error instanceof MillraceError)) throw error;
      if (error.code === 'BUNDLE_CORRUPT') await rm(join(this.folder, digest), { recursive: true, force: true });
      return false;
    }
  }
}

function manifestOf(files: ReadonlyMap<string, Uint8Array>): Buffer {
  if (files.size === 0) throw new MillraceError('BUNDLE_INVALID', 'a bundle needs at least one file');
  const names = [...files.keys()].sort();
  for (const name of names) {
    if (name === MANIFEST) throw new MillraceError('BUNDLE_INVALID', `the store writes ${MANIFEST} itself`);
    if (!PLAIN_NAME.test(name)) {
      throw new MillraceError('BUNDLE_INVALID', `'${name}' is no plain file name`, { hint: 'use letters, digits, dots, dashes' });
    }
  }
  return Buffer.from(JSON.stringify(Object.fromEntries(names.map((name) => [name, sha256(files.get(name) ?? new Uint8Array())]))), 'utf8');
}

async function writeSynced(path: string, content: Uint8Array): Promise<void> {
  const handle = await open(path, 'wx');
  try {
    await handle.writeFile(content);
    await handle.sync();
  } finally {
    await handle.close();
  }
}

function sha256(content: Uint8Array): string {
  return createHash('sha256').update(content).digest('hex');
}

async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    await pipeline(createReadStream(path), hash);
  } catch {
    return undefined;
  }
  return hash.digest('hex');
}

function corrupt(digest: string, why: string, cause?: unknown): MillraceError {
  return new MillraceError('BUNDLE_CORRUPT', `bundle ${digest} is damaged: ${why}`, { cause, hint: 'put the same files again, or restore the folder' });
}

import { createHash } from 'node:crypto';
import { open, type FileHandle } from 'node:fs/promises';

/**
 * Layout: magic, then frames of a u32 length (little-endian) and that many bytes: first the meta as JSON, then one frame per page,
 * then the length 0xffffffff and the SHA-256 of all bytes before it.
 */
const MAGIC = Buffer.from('MLRSNAP1', 'latin1');
const END = 0xffff_ffff;
const DIGEST_BYTES = 32;
const READ_BYTES = 1 << 20;

/** Writes the frames; the caller makes the file appear atomically. */
export async function writeSnapshot(file: FileHandle, meta: Uint8Array, pages: AsyncIterable<Uint8Array>): Promise<void> {
  const hash = createHash('sha256');
  const put = async (bytes: Uint8Array): Promise<void> => {
    hash.update(bytes);
    await file.writeFile(bytes);
  };
  await put(MAGIC);
  await put(lengthOf(meta));
  await put(meta);
  for await (const page of pages) {
    await put(lengthOf(page));
    await put(page);
  }
  const end = Buffer.alloc(4);
  end.writeUInt32LE(END);
  await put(end);
  await file.writeFile(hash.digest());
}

function lengthOf(bytes: Uint8Array): Buffer {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(bytes.byteLength);
  return length;
}

/** The meta of a whole snapshot; undefined when the file is damaged or gone. Reads it once from end to end. */
export async function checkSnapshot(path: string): Promise<Record<string, unknown> | undefined> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, 'r');
    const { size } = await handle.stat();
    const hash = createHash('sha256');
    const buffer = Buffer.alloc(READ_BYTES);
    const hashed = size - DIGEST_BYTES;
    for (let at = 0; at < hashed; ) {
      const { bytesRead } = await handle.read(buffer, 0, Math.min(READ_BYTES, hashed - at), at);
      if (bytesRead === 0) return undefined;
      hash.update(buffer.subarray(0, bytesRead));
      at += bytesRead;
    }
    const expected = await exactly(handle, DIGEST_BYTES, hashed);
    if (!expected.equals(hash.digest())) return undefined;
    const magic = await exactly(handle, MAGIC.length, 0);
    if (!magic.equals(MAGIC)) return undefined;
    const length = (await exactly(handle, 4, MAGIC.length)).readUInt32LE();
    return JSON.parse((await exactly(handle, length, MAGIC.length + 4)).toString('utf8')) as Record<string, unknown>;
  } catch {
    return undefined;
  } finally {
    await handle?.close();
  }
}

/** The pages of a snapshot that was checked before. */
export async function* readPages(path: string): AsyncGenerator<Uint8Array> {
  const handle = await open(path, 'r');
  try {
    let at = MAGIC.length;
    for (let frame = 0; ; frame += 1) {
      const length = (await exactly(handle, 4, at)).readUInt32LE();
      if (length === END) return;
      if (frame > 0) yield await exactly(handle, length, at + 4);
      at += 4 + length;
    }
  } finally {
    await handle.close();
  }
}

async function exactly(handle: FileHandle, length: number, position: number): Promise<Buffer> {
  const { size } = await handle.stat();
  if (position < 0 || position + length > size) throw new RangeError('the snapshot is shorter than it says');
  const buffer = Buffer.alloc(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await handle.read(buffer, done, length - done, position + done);
    if (bytesRead === 0) throw new RangeError('the snapshot is shorter than it says');
    done += bytesRead;
  }
  return buffer;
}

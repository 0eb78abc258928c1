/** What a frame says. READY, SCORES and FAILED come from the child, LOAD and SCORE go to it. */
export const FrameKind = { READY: 1, SCORE: 2, SCORES: 3, FAILED: 4, LOAD: 5 } as const;

const HEADER_BYTES = 12;
const MAX_BODY_BYTES = 256 * 2 ** 20;

/** Header of a frame: kind, id and length of the body, each u32 in the machine's byte order (both ends are on one machine). */
export function frameHeader(kind: number, id: number, bodyBytes: number): Uint8Array {
  return new Uint8Array(Uint32Array.of(kind, id, bodyBytes).buffer);
}

/**
 * Cuts a byte stream into frames.
 *
 * Each body stands in a buffer of its own, so it is aligned and may be viewed as Float32Array.
 */
export class FrameReader {
  private readonly header = new Uint8Array(HEADER_BYTES);
  private filled = 0;
  private body: Uint8Array | undefined;
  private readonly onFrame: (kind: number, id: number, body: Uint8Array) => void;
  private readonly maxBodyBytes: number;

  constructor(onFrame: (kind: number, id: number, body: Uint8Array) => void, maxBodyBytes = MAX_BODY_BYTES) {
    this.onFrame = onFrame;
    this.maxBodyBytes = maxBodyBytes;
  }

  /** Takes the next bytes; calls back for each frame that they complete. Throws RangeError on a body that no one sends. */
  push(chunk: Uint8Array): void {
    let at = 0;
    while (at < chunk.length || this.complete()) {
      const target = this.body ?? this.header;
      const take = Math.min(target.length - this.filled, chunk.length - at);
      target.set(chunk.subarray(at, at + take), this.filled);
      this.filled += take;
      at += take;
      if (this.filled < target.length) return;
      this.turn();
    }
  }

  private complete(): boolean {
    return this.body !== undefined && this.body.length === 0;
  }

  private turn(): void {
    const [kind = 0, id = 0, bytes = 0] = new Uint32Array(this.header.slice().buffer);
    this.filled = 0;
    if (this.body !== undefined) {
      const body = this.body;
      this.body = undefined;
      this.onFrame(kind, id, body);
      return;
    }
    if (bytes > this.maxBodyBytes) throw new RangeError(`a frame of ${bytes} bytes`);
    this.body = new Uint8Array(bytes);
  }
}

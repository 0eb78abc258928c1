/** Cuts a stream of bytes into frames of the Kafka protocol: 4 bytes of length, then as many bytes. Frames include their length. */
export class FrameReader {
  private chunks: Buffer[] = [];
  private size = 0;
  private readonly onFrame: (frame: Buffer) => void;

  constructor(onFrame: (frame: Buffer) => void) {
    this.onFrame = onFrame;
  }

  push(chunk: Buffer): void {
    this.chunks.push(chunk);
    this.size += chunk.length;
    while (this.size >= 4) {
      const head = this.chunks[0] as Buffer;
      if (head.length < 4) this.join();
      const end = 4 + (this.chunks[0] as Buffer).readInt32BE(0);
      if (this.size < end) return;
      // Joined once per frame, not once per chunk: an answer to a fetch comes in many.
      const all = this.join();
      this.chunks = [all.subarray(end)];
      this.size -= end;
      this.onFrame(all.subarray(0, end));
    }
  }

  private join(): Buffer {
    const all = this.chunks.length === 1 ? (this.chunks[0] as Buffer) : Buffer.concat(this.chunks);
    this.chunks = [all];
    return all;
  }
}

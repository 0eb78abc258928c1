/** Little-endian bytes that grow as they are written. */
export class ByteWriter {
  size = 0;
  private buffer: Buffer;

  constructor(capacity = 1 << 16) {
    this.buffer = Buffer.allocUnsafeSlow(capacity);
  }

  byte(value: number): void {
    this.reserve(1);
    this.buffer[this.size++] = value;
  }

  /** Unsigned, 32 bits. */
  count(value: number): void {
    this.reserve(4);
    this.size = this.buffer.writeUInt32LE(value, this.size);
  }

  float(value: number): void {
    this.reserve(8);
    this.size = this.buffer.writeDoubleLE(value, this.size);
  }

  text(value: string): void {
    const length = Buffer.byteLength(value);
    this.count(length);
    this.reserve(length);
    this.size += this.buffer.write(value, this.size);
  }

  bytes(value: Uint8Array): void {
    this.reserve(value.length);
    this.buffer.set(value, this.size);
    this.size += value.length;
  }

  /** A copy of what was written; the writer begins anew. */
  take(): Buffer {
    const bytes = Buffer.from(this.buffer.subarray(0, this.size));
    this.size = 0;
    return bytes;
  }

  private reserve(size: number): void {
    if (this.size + size <= this.buffer.length) return;
    const grown = Buffer.allocUnsafeSlow(Math.max(this.buffer.length * 2, this.size + size));
    this.buffer.copy(grown, 0, 0, this.size);
    this.buffer = grown;
  }
}

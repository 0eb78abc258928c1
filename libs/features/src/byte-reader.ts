/** Reads what ByteWriter wrote. @throws RangeError past the end */
export class ByteReader {
  private at = 0;
  private readonly buffer: Buffer;

  constructor(bytes: Uint8Array) {
    this.buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  get left(): number {
    return this.buffer.length - this.at;
  }

  byte(): number {
    const value = this.buffer.readUInt8(this.at);
    this.at += 1;
    return value;
  }

  count(): number {
    const value = this.buffer.readUInt32LE(this.at);
    this.at += 4;
    return value;
  }

  float(): number {
    const value = this.buffer.readDoubleLE(this.at);
    this.at += 8;
    return value;
  }

  text(): string {
    return this.bytes(this.count()).toString('utf8');
  }

  bytes(length: number): Buffer {
    if (length > this.left) throw new RangeError(`${length} bytes were announced, ${this.left} are left`);
    this.at += length;
    return this.buffer.subarray(this.at - length, this.at);
  }
}

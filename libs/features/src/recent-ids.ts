/** For how long after its acceptance a repeat of an event is recognised, ms. */
export const repeatWindowMs = 3_600_000;

/**
 * Event ids accepted lately, with when. 16-byte ids in a ring by order of acceptance, found through an open-addressing table
 * (linear probing; deletion by moving back, Knuth, The Art of Computer Programming 3, 6.4, algorithm R): about 40 bytes per id.
 */
export class RecentIds {
  /** Highest acceptance so far, ms since epoch. An id counts as recent up to an hour before it. */
  highest = Number.NEGATIVE_INFINITY;
  private words: Uint32Array;
  private times: Float64Array;
  /** Place in the ring + 1; 0 = free. Twice as long as the ring. */
  private table: Int32Array;
  /** Numbers of the oldest entry and of the next one; an entry's place is its number modulo the length of the ring. */
  private first = 0;
  private next = 0;
  private readonly key = new Uint32Array(4);

  constructor() {
    this.words = new Uint32Array(4 * 1024);
    this.times = new Float64Array(1024);
    this.table = new Int32Array(2048);
  }

  /** Whether the id was accepted within an hour of `acceptedAt`. */
  has(id: Uint8Array, acceptedAt: number): boolean {
    this.read(id);
    const place = this.table[this.probe()]! - 1;
    if (place < 0) return false;
    const known = this.times[place]!;
    return known >= this.highest - repeatWindowMs && Math.abs(acceptedAt - known) <= repeatWindowMs;
  }

  /** Notes an id as accepted. @returns a step that takes it back; steps must be taken newest first */
  add(id: Uint8Array, acceptedAt: number): () => void {
    if (this.next - this.first === this.times.length) this.grow();
    const place = this.next++ & (this.times.length - 1);
    this.read(id);
    this.words.set(this.key, place * 4);
    this.times[place] = acceptedAt;
    const slot = this.probe();
    const before = this.table[slot]! - 1;
    const older = before < 0 ? -1 : this.numberOf(before);
    this.table[slot] = place + 1;
    const { highest } = this;
    if (acceptedAt > highest) this.highest = acceptedAt;
    return () => {
      this.highest = highest;
      this.remove(--this.next, older);
    };
  }

  /** Forgets what is no longer recent. Nothing before it can be taken back afterwards. */
  evict(): void {
    const limit = this.highest - repeatWindowMs;
    const mask = this.times.length - 1;
    while (this.first < this.next && this.times[this.first & mask]! < limit) this.remove(this.first++, -1);
  }

  /** Ids that are recent, in order of acceptance. The bytes are valid until the next entry. */
  *entries(): Iterable<{ id: Uint8Array; acceptedAt: number }> {
    const id = new Uint8Array(16);
    const view = new DataView(id.buffer);
    const mask = this.times.length - 1;
    for (let number = this.first; number < this.next; number++) {
      const place = number & mask;
      if (this.times[place]! < this.highest - repeatWindowMs) continue;
      for (let i = 0; i < 4; i++) view.setUint32(i * 4, (this.key[i] = this.words[place * 4 + i]!));
      // An id that was accepted again later stands for its later acceptance alone.
      if (this.table[this.probe()] === place + 1) yield { id, acceptedAt: this.times[place]! };
    }
  }

  private read(id: Uint8Array): void {
    for (let i = 0; i < 4; i++) this.key[i] = (id[i * 4]! << 24) | (id[i * 4 + 1]! << 16) | (id[i * 4 + 2]! << 8) | id[i * 4 + 3]!;
  }

  /** Slot of the table that holds the key, or the free one where it belongs. */
  private probe(): number {
    const { key, words, table } = this;
    const mask = table.length - 1;
    for (let slot = this.home(key, 0); ; slot = (slot + 1) & mask) {
      const at = (table[slot]! - 1) * 4;
      if (at < 0 || (words[at] === key[0] && words[at + 1] === key[1] && words[at + 2] === key[2] && words[at + 3] === key[3])) return slot;
    }
  }

  private home(words: Uint32Array, at: number): number {
    return (words[at]! ^ words[at + 1]! ^ words[at + 2]! ^ words[at + 3]!) & (this.table.length - 1);
  }

  /** Takes an entry out of the table, or lets the table point to the older entry of the same id. */
  private remove(number: number, older: number): void {
    const mask = this.times.length - 1;
    const place = number & mask;
    for (let i = 0; i < 4; i++) this.key[i] = this.words[place * 4 + i]!;
    let hole = this.probe();
    if (this.table[hole] !== place + 1) return;
    if (older >= 0) {
      this.table[hole] = (older & mask) + 1;
      return;
    }
    const { table } = this;
    const last = table.length - 1;
    for (let slot = (hole + 1) & last; table[slot] !== 0; slot = (slot + 1) & last) {
      const home = this.home(this.words, (table[slot]! - 1) * 4);
      if (((slot - home) & last) < ((slot - hole) & last)) continue;
      table[hole] = table[slot]!;
      hole = slot;
    }
    table[hole] = 0;
  }

  private numberOf(place: number): number {
    const size = this.times.length;
    const number = this.first - (this.first & (size - 1)) + place;
    return number < this.first ? number + size : number;
  }

  private grow(): void {
    const { words, times, first, next } = this;
    const from = times.length - 1;
    const size = times.length * 2;
    this.words = new Uint32Array(size * 4);
    this.times = new Float64Array(size);
    this.table = new Int32Array(size * 2);
    for (let number = first; number < next; number++) {
      const place = number & (size - 1);
      for (let i = 0; i < 4; i++) this.words[place * 4 + i] = this.key[i] = words[(number & from) * 4 + i]!;
      this.times[place] = times[number & from]!;
      this.table[this.probe()] = place + 1;
    }
  }
}

const idBytes = 16;

/** Numbers 16-byte ids in the order of their coming: open addressing with linear probing over flat arrays, some 30 bytes an id. */
export class IdTable {
  private ids = Buffer.alloc(idBytes * 1024);
  private places = new Int32Array(2048).fill(-1);
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** The number of an id; a new one gets the next. */
  number(id: Uint8Array): number {
    if (this.count * 2 >= this.places.length) this.grow();
    const place = this.placeOf(id);
    if (this.places[place]! >= 0) return this.places[place]!;
    this.ids.set(id, this.count * idBytes);
    return (this.places[place] = this.count++);
  }

  /** The number of an id; -1 when it never came. */
  find(id: Uint8Array): number {
    return this.places[this.placeOf(id)]!;
  }

  /** The id of a number; a view, valid until the next id comes. */
  at(number: number): Buffer {
    return this.ids.subarray(number * idBytes, (number + 1) * idBytes);
  }

  private placeOf(id: Uint8Array): number {
    const mask = this.places.length - 1;
    let place = (id[12]! | (id[13]! << 8) | (id[14]! << 16) | (id[15]! << 24)) & mask;
    for (; this.places[place]! >= 0 && this.ids.compare(id, 0, idBytes, this.places[place]! * idBytes, (this.places[place]! + 1) * idBytes) !== 0; place = (place + 1) & mask);
    return place;
  }

  private grow(): void {
    const ids = Buffer.alloc(this.ids.length * 2);
    this.ids.copy(ids);
    this.ids = ids;
    this.places = new Int32Array(this.places.length * 2).fill(-1);
    for (let number = 0; number < this.count; number++) this.places[this.placeOf(this.at(number))] = number;
  }
}

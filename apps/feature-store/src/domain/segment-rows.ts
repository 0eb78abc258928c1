/** Rows of one step of an archive, with their offsets. */
export interface SegmentRows {
  add(offset: number, value: object): void;
}

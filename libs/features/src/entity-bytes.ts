import type { ByteReader } from './byte-reader.ts';
import type { ByteWriter } from './byte-writer.ts';
import type { TileSet } from './tile-set.ts';
import type { ViewState } from './view-state.ts';

/** Writes the tiles of an entity from row `first` on. Equal tiles give equal bytes. */
export function writeEntity(writer: ByteWriter, view: ViewState, key: string, tiles: TileSet, first: number): void {
  const { finest } = tiles;
  const { width, valueSets } = view.layout;
  writer.text(key);
  writer.count(finest.end - first);
  for (let row = first; row < finest.end; row++) {
    const index = finest.indexOf(row);
    const start = finest.columnsOf(row);
    writer.float(index);
    for (let column = start; column < start + width; column++) writer.float(finest.data[column]!);
    for (let set = 0; set < valueSets; set++) {
      const values = tiles.valuesOf(set, index);
      writer.count(values.length);
      for (const value of values) writer.text(value);
    }
  }
}

/** Reads an entity into a view. */
export function readEntity(reader: ByteReader, view: ViewState): void {
  const { width, valueSets } = view.layout;
  const tiles = view.create(reader.text());
  const columns = new Float64Array(width);
  for (let rows = reader.count(); rows > 0; rows--) {
    const index = reader.float();
    for (let column = 0; column < width; column++) columns[column] = reader.float();
    tiles.put(index, columns);
    for (let set = 0; set < valueSets; set++) for (let values = reader.count(); values > 0; values--) tiles.addValue(set, index, reader.text());
  }
}

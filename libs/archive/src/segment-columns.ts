import { BIGINT, BLOB, blobValue, DOUBLE, FLOAT, LIST, listValue, VARCHAR, type DuckDBType, type DuckDBValue } from '@duckdb/node-api';

/** What the archive keeps of a vector-computed record. Times in ms since epoch. */
export interface ArchivedVector {
  readonly eventId: Uint8Array;
  readonly entityKeys: readonly string[];
  readonly eventTime: number;
  readonly acceptedAt: number;
  readonly position: number;
  readonly vectors: readonly { readonly featureSet: string; readonly numeric: readonly number[]; readonly categorical: readonly string[] }[];
}

/** What the archive keeps of a label-observed record. Times in ms since epoch. */
export interface ArchivedLabel {
  readonly eventId: Uint8Array;
  readonly value: number;
  readonly labelTime: number;
  readonly position: number;
  readonly laneTime: number;
}

/** How records of one kind become rows of a Parquet file. */
export interface SegmentColumns<Value> {
  readonly names: readonly string[];
  readonly types: readonly DuckDBType[];
  /** Appends the rows of one record to the columns (one array each) and returns how many there were. */
  append(columns: DuckDBValue[][], value: Value, offset: number): number;
}

const long = (value: number): DuckDBValue => BigInt(value);

function push(columns: DuckDBValue[][], ...row: DuckDBValue[]): void {
  for (let n = 0; n < row.length; n += 1) columns[n]?.push(row[n] ?? null);
}

/** Vectors: one row per record and feature set. `event_id` is a blob of 16 bytes, times are ms since epoch, `position` is the lane's. */
export const vectorColumns: SegmentColumns<ArchivedVector> = {
  names: ['log_offset', 'position', 'event_id', 'event_time', 'accepted_at', 'feature_set', 'entity_keys', 'numeric', 'categorical'],
  types: [BIGINT, BIGINT, BLOB, BIGINT, BIGINT, VARCHAR, LIST(VARCHAR), LIST(FLOAT), LIST(VARCHAR)],
  append: (columns, value, offset) => {
    for (const vector of value.vectors) {
      push(
        columns,
        long(offset),
        long(value.position),
        blobValue(value.eventId),
        long(value.eventTime),
        long(value.acceptedAt),
        vector.featureSet,
        listValue(value.entityKeys),
        listValue(vector.numeric),
        listValue(vector.categorical),
      );
    }
    return value.vectors.length;
  },
};

/** Labels: one row per record. */
export const labelColumns: SegmentColumns<ArchivedLabel> = {
  names: ['log_offset', 'position', 'event_id', 'value', 'label_time', 'lane_time'],
  types: [BIGINT, BIGINT, BLOB, DOUBLE, BIGINT, BIGINT],
  append: (columns, value, offset) => {
    push(columns, long(offset), long(value.position), blobValue(value.eventId), value.value, long(value.labelTime), long(value.laneTime));
    return 1;
  },
};

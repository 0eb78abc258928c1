import { sqlWhole } from './duck-database.ts';
import type { SlotEnd } from './end-of-labels.ts';

/** The two archived topics of a model. */
export interface LabelledTopics {
  readonly vectorsTopic: string;
  readonly labelsTopic: string;
}

export interface DatasetQuery extends LabelledTopics {
  readonly featureSet: string;
  /** Rows older than the newest labelled row by this much or more stay out. */
  readonly windowMs: number;
  /** Records behind these lane positions stay out; slots that are not named give no rows. */
  readonly end: readonly SlotEnd[];
}

/** Labelled vectors in canonical order: by event time, then event id. */
export interface Dataset {
  readonly rows: number;
  /** Features per row. */
  readonly width: number;
  /** 16 bytes per row. */
  readonly eventIds: Uint8Array;
  /** Ms since epoch. */
  readonly eventTimes: Float64Array;
  /** Row-major, `rows * width`; NaN = missing. */
  readonly features: Float32Array;
  /** 0 or 1. */
  readonly labels: Uint8Array;
  /** SHA-256 over the canonical rows, hex; see DatasetHash. */
  readonly hash: string;
}

export interface RowsBetweenQuery extends LabelledTopics {
  readonly featureSet: string;
  /** First event time inside, ms since epoch. */
  readonly fromMs: number;
  /** First event time behind, ms since epoch. */
  readonly toMs: number;
}

/** The labelled vectors of one UTC day in canonical order. */
export interface DayRows {
  /** Midnight at which the day begins, ms since epoch. */
  readonly dayMs: number;
  readonly rows: number;
  readonly width: number;
  readonly eventIds: Uint8Array;
  readonly eventTimes: Float64Array;
  readonly features: Float32Array;
  readonly labels: Uint8Array;
}

/**
 * SQL of the labelled vectors of one feature set, as `event_time, event_id, numeric, categorical, value`.
 *
 * A vector that stands twice counts once, the one at the smaller lane position; of several labels the last by
 * (label time, position) wins. Vector and label of an event share a slot, so the join never leaves one.
 */
export function labelledRowsSql(sources: { vectors: string; labels: string }, featureSet: string, end?: readonly SlotEnd[]): string {
  const inside = end === undefined ? 'true' : insideSql(end);
  // Ids are made unique before the features are read, so that no group holds a list.
  return `
    SELECT event_time, event_id, "numeric", categorical, l.value AS value
    FROM (SELECT * FROM ${sources.vectors} WHERE feature_set = ${featureSet}) AS vectors
    JOIN (
      SELECT slot, event_id, min(position) AS position
      FROM ${sources.vectors} WHERE feature_set = ${featureSet} AND ${inside} GROUP BY slot, event_id
    ) AS firsts USING (slot, event_id, position)
    JOIN (
      SELECT slot, event_id, max({'label_time': label_time, 'position': position, 'value': value}) AS l
      FROM ${sources.labels} WHERE ${inside} GROUP BY slot, event_id
    ) AS labels USING (slot, event_id)`;
}

function insideSql(end: readonly SlotEnd[]): string {
  if (end.length === 0) return 'false';
  return `(${end.map(({ slot, position }) => `(slot = ${sqlWhole(slot)} AND position <= ${sqlWhole(position)})`).join(' OR ')})`;
}

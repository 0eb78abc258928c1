import { sqlWhole } from './duck-database.ts';
import type { LabelledTopics } from './labelled-rows.ts';

/** How far the labels of one slot are in a data set. */
export interface SlotEnd {
  readonly slot: number;
  /** Lane position of the last labelled row inside. */
  readonly position: number;
}

export interface EndOfLabelsQuery extends LabelledTopics {
  /** Rows count whose event time is at or after this one, ms since epoch. */
  readonly since: number;
  /** How many rows must count; at least 1. */
  readonly newLabels: number;
  /** Slots of the model, all of one lane. */
  readonly slots: number;
  /** Lanes of the workspace. Positions of several lanes have no common order, so more than one is refused. Default 1. */
  readonly lanes?: number;
  /**
   * Whether every record that lane events up to `position` caused stands in the archive. Asked only when the archive alone cannot
   * tell, because the newest record of some slot lies before `position` (the stream has paused). Sound answer: the feature store's
   * committed lane offset is above `position`, and `archived` reaches the end of each partition as read after that.
   */
  readonly settled?: (position: number, archived: readonly ArchivedTo[]) => boolean | Promise<boolean>;
}

/** How far one partition is archived. */
export interface ArchivedTo {
  readonly topic: string;
  readonly partition: number;
  /** Offset after the last archived one. */
  readonly nextOffset: number;
}

/** Lane position of the newest archived record per slot and topic; a slot without records is absent. */
export function newestPositionsSql(sources: { vectors: string; labels: string }): string {
  const of = (kind: string, source: string): string => `SELECT '${kind}' AS kind, slot, max(position) AS position FROM ${source} GROUP BY slot`;
  return `${of('vectors', sources.vectors)} UNION ALL ${of('labels', sources.labels)}`;
}

/**
 * SQL of the end: no row while fewer than `newLabels` rows count, else `slot, position` per slot that has rows inside.
 *
 * A row is *complete* at the lane position of its vector or of its first label, whichever is later (either may come first). Rows
 * ordered by that position are a function of the lane alone, whatever the order in which slots reached the archive. The N-th
 * counting row gives the boundary position; the end of a slot is its last complete row up to the boundary, counting or not.
 * A correction of a label that has counted does not count again.
 */
export function endOfLabelsSql(sources: { vectors: string; labels: string }, since: number, newLabels: number): string {
  return `
    WITH complete AS (
      SELECT slot, greatest(v_position, l_position) AS position, event_time >= ${sqlWhole(since)} AS counts
      FROM (SELECT slot, event_id, min(position) AS v_position, arg_min(event_time, position) AS event_time FROM ${sources.vectors} GROUP BY slot, event_id) AS vectors
      JOIN (SELECT slot, event_id, min(position) AS l_position FROM ${sources.labels} GROUP BY slot, event_id) AS labels USING (slot, event_id)
    ), boundary AS (
      SELECT position FROM complete WHERE counts ORDER BY position LIMIT 1 OFFSET ${sqlWhole(newLabels - 1)}
    )
    SELECT slot, max(complete.position) AS position FROM complete JOIN boundary ON complete.position <= boundary.position GROUP BY slot ORDER BY slot`;
}

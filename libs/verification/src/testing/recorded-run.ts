import type { OwnEvent } from '../avro/own-events.ts';
import { decodeOwn } from '../avro/own-events.ts';
import type { Archive, ArchivedRow, Segment } from '../history/archive.ts';
import type { LogRecord } from '../history/log-record.ts';
import type { Accepted } from '../checks/accepted.check.ts';
import { verifyLog, type Verdict, type VerifyOptions } from '../verify.ts';
import type { MemoryLog } from './memory-log.ts';
import { SimulatedLoop, simulatedFold } from './simulated-loop.ts';

/** A run with all that a checker gets: the log, the archive, and what the client was told. */
export interface RecordedRun {
  log: MemoryLog;
  accepted: Accepted[];
  /** Files by path, and the rows in them. */
  segments: { topic: string; partition: number; first: number; last: number; rows: ArchivedRow[] }[];
}

/** A run of the simulated loop, by seed. */
export function recordedRun(seed: number): RecordedRun {
  const { log, accepted } = new SimulatedLoop(seed);
  const segments = [...log.records].filter(([place]) => /^(feature-vectors|labels)/.test(place)).flatMap(([place, records]) => {
    const [topic, partition] = [place.slice(0, place.lastIndexOf('/')), Number(place.slice(place.lastIndexOf('/') + 1))];
    const end = log.end(place);
    const files: RecordedRun['segments'] = [];
    for (let first = 0; first < end; first += 16) {
      const last = Math.min(end, first + 16) - 1;
      files.push({ topic, partition, first, last, rows: records.filter(({ offset, visible }) => visible && offset >= first && offset <= last).flatMap(rowsOf) });
    }
    return files;
  });
  return { log, accepted, segments };
}

/** Everything of a run judged. */
export function judged({ log, accepted, segments }: RecordedRun, options: VerifyOptions = {}): Promise<Verdict> {
  const pathOf = ({ topic, partition, first }: RecordedRun['segments'][number]): string => `${topic}/${partition}/${first}`;
  const archive: Archive = {
    segments: async (topic, partition): Promise<Segment[]> => segments.filter((each) => each.topic === topic && each.partition === partition).map((each) => ({ ...each, path: pathOf(each) })).sort((a, b) => a.first - b.first),
    rows: (files) => files.map((file) => segments.find((each) => pathOf(each) === file)!.rows),
  };
  return verifyLog(log, { accepted: { certain: accepted }, archive, fold: simulatedFold(), ...options });
}

function rowsOf(record: LogRecord): ArchivedRow[] {
  const { stem, fields } = decodeOwn(record.value);
  if (stem === 'label-observed') return [{ log_offset: BigInt(record.offset), position: BigInt(fields.position), event_id: fields.eventId, value: fields.value, label_time: BigInt(fields.labelTime), lane_time: BigInt(fields.laneTime) }];
  return fields.vectors.map(({ featureSet, numeric, categorical }: OwnEvent['fields']) => ({
    log_offset: BigInt(record.offset), position: BigInt(fields.position), event_id: fields.eventId, event_time: BigInt(fields.eventTime), accepted_at: BigInt(fields.acceptedAt),
    feature_set: featureSet, entity_keys: fields.entityKeys, numeric, categorical,
  }));
}

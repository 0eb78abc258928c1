import { readdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { MillraceError } from '@millrace/contracts';

/** A sealed file: all that stands in the topic partition from offset `first` to `last`, both inclusive. */
export interface Segment {
  readonly first: number;
  readonly last: number;
  readonly path: string;
}

const NAME = /^(\d{16})-(\d{16})\.parquet$/;
const TOPIC = /^[A-Za-z0-9._-]{1,249}$/;

/** Folder of the segments of one topic partition, or of a topic. */
export function segmentFolder(root: string, topic: string, partition?: number): string {
  if (!TOPIC.test(topic) || /^\.+$/.test(topic)) throw new MillraceError('ARCHIVE_TOPIC_INVALID', `'${topic}' is no topic name`);
  const folder = resolve(root, 'segments', topic, ...(partition === undefined ? [] : [String(partition)]));
  // DuckDB would read these as patterns.
  if (/[*?[\]{}]/.test(folder)) {
    throw new MillraceError('ARCHIVE_PATH_INVALID', `the path ${folder} holds one of * ? [ ] { }`, { hint: 'choose another data directory' });
  }
  return folder;
}

/** Zero-padded, so that names sort as offsets do. */
export function segmentName(first: number, last: number): string {
  return `${String(first).padStart(16, '0')}-${String(last).padStart(16, '0')}.parquet`;
}

/**
 * The segments of a topic partition in order of offsets.
 *
 * The writer covers every offset that it has passed, those of control and aborted records too, so each segment must begin right
 * after the one before; anything else means that a file was lost or that two writers were at work.
 *
 * @throws MillraceError ARCHIVE_GAP or ARCHIVE_OVERLAP
 */
export async function listSegments(root: string, topic: string, partition: number): Promise<Segment[]> {
  const folder = segmentFolder(root, topic, partition);
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  const segments = names
    .flatMap((name) => {
      const match = NAME.exec(name);
      return match === null ? [] : [{ first: Number(match[1]), last: Number(match[2]), path: join(folder, name) }];
    })
    .sort((a, b) => a.first - b.first || a.last - b.last);
  let next = 0;
  for (const segment of segments) {
    if (segment.first > next) {
      throw new MillraceError('ARCHIVE_GAP', `offsets ${next} to ${segment.first - 1} of ${topic}/${partition} are missing before ${segment.path}`, {
        hint: 'restore the missing file; a data set without it would differ',
      });
    }
    if (segment.first < next || segment.last < segment.first) {
      throw new MillraceError('ARCHIVE_OVERLAP', `${segment.path} covers offsets that another segment of ${topic}/${partition} covers`, {
        hint: 'two writers were at work; keep one of the files',
      });
    }
    next = segment.last + 1;
  }
  return segments;
}

/** Partitions of a topic that have a folder. */
export async function listPartitions(root: string, topic: string): Promise<number[]> {
  const names = await readdir(segmentFolder(root, topic)).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.filter((name) => /^\d+$/.test(name)).map(Number).sort((a, b) => a - b);
}

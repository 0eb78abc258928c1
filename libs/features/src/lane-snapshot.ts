import { MillraceError } from '@millrace/contracts';

import { ByteReader } from './byte-reader.ts';
import { ByteWriter } from './byte-writer.ts';
import { readEntity, writeEntity } from './entity-bytes.ts';
import type { LanePlan } from './plan.ts';
import type { RecentIds } from './recent-ids.ts';
import type { ViewState } from './view-state.ts';

const format = 'millrace-lane';
const version = 1;
const pageBytes = 1 << 18;
const headPage = 1;
const entityPage = 2;
const idPage = 3;
const endPage = 4;

/** All that a lane's future depends on. */
export interface LaneContent {
  readonly plan: LanePlan | undefined;
  readonly highest: number;
  readonly views: readonly ViewState[];
  readonly ids: RecentIds;
}

interface Head {
  /** Canonical definitions in force and their hash; undefined when there were none. */
  readonly definitions: string | undefined;
  readonly hash: string | undefined;
  readonly highest: number;
  readonly highestAcceptance: number;
}

/** Pages of a lane: a head, tiles by entity, recent ids, an end that counts what came before. */
export function* writeLane({ plan, highest, views, ids }: LaneContent): Iterable<Uint8Array> {
  const writer = new ByteWriter(pageBytes * 2);
  let records = 0;
  writer.byte(headPage);
  writer.text(format);
  writer.count(version);
  writer.float(highest);
  writer.float(ids.highest);
  writer.text(plan?.hash ?? '');
  writer.text(plan?.definitions ?? '');
  yield writer.take();
  for (const [number, view] of views.entries()) {
    for (const { key, tiles, first } of view.entities(highest)) {
      if (writer.size === 0) {
        writer.byte(entityPage);
        writer.count(number);
      }
      writeEntity(writer, view, key, tiles, first);
      records++;
      if (writer.size >= pageBytes) yield writer.take();
    }
    if (writer.size > 0) yield writer.take();
  }
  for (const { id, acceptedAt } of ids.entries()) {
    if (writer.size === 0) writer.byte(idPage);
    writer.bytes(id);
    writer.float(acceptedAt);
    records++;
    if (writer.size >= pageBytes) yield writer.take();
  }
  if (writer.size > 0) yield writer.take();
  writer.byte(endPage);
  writer.count(records);
  yield writer.take();
}

/**
 * Reads pages back, in their order.
 *
 * @param into.begin is given the head and returns the views under its definitions
 * @throws MillraceError SNAPSHOT_INVALID for pages that are damaged, incomplete or of another version
 */
export async function readLane(pages: AsyncIterable<Uint8Array>, into: { begin(head: Head): readonly ViewState[]; id(id: Uint8Array, acceptedAt: number): void }): Promise<void> {
  let views: readonly ViewState[] | undefined;
  let records = 0;
  let ended = false;
  try {
    for await (const page of pages) {
      const reader = new ByteReader(page);
      const kind = reader.byte();
      if (ended || (kind === headPage) !== (views === undefined)) throw new RangeError('the pages are not in their order');
      if (kind === headPage) views = into.begin(readHead(reader));
      else if (kind === entityPage) {
        const view = views![reader.count()];
        if (!view) throw new RangeError('a page names a view that the definitions do not have');
        for (; reader.left > 0; records++) readEntity(reader, view);
      } else if (kind === idPage) for (; reader.left > 0; records++) into.id(reader.bytes(16), reader.float());
      else if (kind === endPage) ended = reader.count() === records;
      else throw new RangeError(`there are no pages of kind ${kind}`);
    }
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw invalid(error.message, error);
  }
  if (!ended) throw invalid('pages are missing');
}

function readHead(reader: ByteReader): Head {
  if (reader.text() !== format) throw new RangeError('this is no lane');
  const found = reader.count();
  if (found !== version) throw new RangeError(`its version is ${found}, this program reads ${version}`);
  const highest = reader.float();
  const highestAcceptance = reader.float();
  return { highest, highestAcceptance, hash: reader.text() || undefined, definitions: reader.text() || undefined };
}

function invalid(reason: string, cause?: Error): MillraceError {
  return new MillraceError('SNAPSHOT_INVALID', `the snapshot cannot be restored: ${reason}`, { hint: 'fold the lane from an older snapshot or from its beginning', cause });
}

import { createHash } from 'node:crypto';

import { ByteWriter } from './byte-writer.ts';
import { writeEntity } from './entity-bytes.ts';
import type { LaneContent } from './lane-snapshot.ts';

/** SHA-256 of a lane's content, hex; views, entities and ids in sorted order. */
export function hashLane({ plan, highest, views, ids }: LaneContent): string {
  const hash = createHash('sha256');
  const writer = new ByteWriter();
  const flush = (): void => void hash.update(writer.take());
  writer.text(plan?.hash ?? '');
  writer.float(highest);
  writer.float(ids.highest);
  flush();
  for (const view of [...views].sort((a, b) => compare(a.plan.key, b.plan.key))) {
    const entities = [...view.entities(highest)].sort((a, b) => compare(a.key, b.key));
    writer.text(view.plan.key);
    writer.count(entities.length);
    for (const { key, tiles, first } of entities) {
      writeEntity(writer, view, key, tiles, first);
      flush();
    }
  }
  const recent: string[] = [];
  for (const { id, acceptedAt } of ids.entries()) recent.push(`${Buffer.from(id).toString('hex')}${acceptedAt}`);
  for (const entry of recent.sort()) writer.text(entry);
  flush();
  return hash.digest('hex');
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

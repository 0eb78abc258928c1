import { MillraceError } from '@millrace/contracts';
import type { DataSource, EntityManager } from 'typeorm';

import { ProjectionPosition } from './projection-position.ts';

/** Where a projection goes on in one topic partition. */
export interface Position {
  readonly topic: string;
  readonly partition: number;
  readonly nextOffset: number;
}

/** The stored positions of a projection; partitions that it has never moved in are absent. */
export async function positionsOf(manager: EntityManager, projection: string): Promise<Position[]> {
  const found = await manager.find(ProjectionPosition, { where: { projection }, order: { topic: 'ASC', partition: 'ASC' } });
  return found.map(({ topic, partition, nextOffset }) => ({ topic, partition, nextOffset }));
}

/**
 * Writes a batch and moves the position in one transaction, if nobody has moved it meanwhile.
 *
 * The position is moved first: its row is the lock, so of two owners one waits and then finds it moved, before it has written a row.
 *
 * @param expected offset at which the batch begins, as stored; undefined when nothing is stored yet
 * @param next offset after the batch
 * @param work writes the rows through the manager that it gets; what it throws undoes everything
 * @throws MillraceError POSITION_MOVED: another owner has projected the batch; read the position again
 * @example
 * await withPosition(source, 'models', 'model-versions', 0, 17, 20, (manager) => manager.insert(ModelVersion, rows));
 */
export async function withPosition(
  source: DataSource,
  projection: string,
  topic: string,
  partition: number,
  expected: number | undefined,
  next: number,
  work: (manager: EntityManager) => Promise<unknown>,
): Promise<void> {
  if (!Number.isSafeInteger(next) || next < (expected ?? 0)) {
    throw new MillraceError('POSITION_INVALID', `the position of ${projection} cannot move from ${expected ?? 'nothing'} to ${next}`);
  }
  await source.transaction(async (manager) => {
    if (!(await moved(manager, { projection, topic, partition }, expected, next))) {
      const found = await manager.findOneBy(ProjectionPosition, { projection, topic, partition });
      throw new MillraceError(
        'POSITION_MOVED',
        `${projection} stands at offset ${found?.nextOffset ?? 'none'} of ${topic}/${partition}, not at ${expected ?? 'none'}`,
        { hint: 'another process projects the same partition; read the position again' },
      );
    }
    await work(manager);
  });
}

async function moved(
  manager: EntityManager,
  key: { projection: string; topic: string; partition: number },
  expected: number | undefined,
  next: number,
): Promise<boolean> {
  if (expected !== undefined) {
    const { affected } = await manager.update(ProjectionPosition, { ...key, nextOffset: expected }, { nextOffset: next });
    return affected === 1;
  }
  const inserted = await manager
    .createQueryBuilder()
    .insert()
    .into(ProjectionPosition)
    .values({ ...key, nextOffset: next })
    .orIgnore()
    .returning('projection')
    .execute();
  return (inserted.raw as unknown[]).length === 1;
}

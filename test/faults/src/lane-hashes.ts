import { SnapshotStore } from '@millrace/archive';
import { DefinitionActivated, EventIngested, boundedType, decodeBody, decodeEvent } from '@millrace/contracts';
import { compilePlan, parseDefinitions } from '@millrace/definitions';
import { LaneState } from '@millrace/features';
import { readTopic, type KafkaRecord } from '@millrace/verification';
import type { Deployment } from './drive/deployment.ts';

type Activation = Pick<DefinitionActivated, 'definitions' | 'schemas'>;

/** Hashes of two folds of one lane; position = how much of it they have seen. */
export interface LaneHashes {
  readonly position: number;
  /** Offset of the last record of the lane that is visible. */
  readonly last: number;
  /** The state that the feature store left behind at its end, whatever happened to it before. */
  readonly kept: string;
  /** The same prefix of the lane, folded in one go. */
  readonly folded: string;
}

/**
 * Folds the lane once more and compares with the snapshot that the feature store has written at SIGTERM: memory that did not follow the log
 * through aborted transactions, restarts and restores would differ. Undefined when it has written none.
 */
export async function laneHashes(deployment: Deployment): Promise<LaneHashes | undefined> {
  const { workspace } = deployment.options;
  const snapshot = await new SnapshotStore(deployment.artifacts).latest(`${workspace}.feature-store.lane.0`);
  if (!snapshot) return undefined;
  const position = (snapshot.meta['positions'] as Record<string, number>)['event-ingested']!;
  const pages = snapshot.pages()[Symbol.asyncIterator]();
  const first = await pages.next();
  const activation = JSON.parse(Buffer.from(first.value as Uint8Array).toString()) as Activation;
  const kept = new LaneState(compilePlan(parseDefinitions(activation.definitions)));
  await kept.restore({ [Symbol.asyncIterator]: () => pages });
  const records = await readTopic({ brokers: deployment.brokers, topic: `${workspace}.event-ingested`, timeoutMs: 60_000 });
  return { position, last: records.at(-1)?.offset ?? -1, kept: kept.hash(), folded: folded(position, records) };
}

function folded(position: number, records: readonly KafkaRecord[]): string {
  const lane = new LaneState(undefined);
  let types = new Map<number, ReturnType<typeof boundedType>>();
  for (const { offset, value } of records) {
    if (offset >= position) break;
    const event = decodeEvent(value);
    if (event instanceof DefinitionActivated) {
      types = new Map(event.schemas.map(({ schemaId, schema }) => [schemaId, boundedType(JSON.parse(schema) as object)]));
      lane.activate(compilePlan(parseDefinitions(event.definitions)));
    }
    if (!(event instanceof EventIngested) || lane.isRepeat(event.eventId, event.acceptedAt)) continue;
    const { stream, eventId, eventTime, acceptedAt } = event;
    const known = { stream, eventId, eventTime, acceptedAt, position: offset, fields: decodeBody(types.get(event.schemaId)!, event.payload, 0) as Record<string, unknown> };
    lane.asks(known);
    lane.judges(known);
    lane.learn(known);
  }
  return lane.hash();
}

import { decodeEvent, type Event } from '@millrace/contracts';
import { readTopic, type ReadTopic } from '@millrace/verification';

/**
 * The platform's own events in a topic, read by kcat as `readTopic` does and in its order; with a class, only those of that class.
 *
 * @example const started = await readEvents({ brokers, topic: workspace.topic('rollouts') }, RolloutStarted);
 * @throws MillraceError of `decodeEvent` for a record that is none of them
 */
export async function readEvents<E extends Event = Event>(from: ReadTopic, type?: abstract new (...fields: never) => E): Promise<E[]> {
  const events = (await readTopic(from)).map(({ value }) => decodeEvent(value));
  return events.filter((event): event is E => !type || event instanceof type);
}

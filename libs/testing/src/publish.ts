import { EventEncoder, type Event } from '@millrace/contracts';

/** What of a producer is needed; the messaging library's `PlainProducer` is one. */
export interface EventSender {
  send(topic: string, partition: number, messages: readonly { key: string | Buffer; value: Buffer; headers?: Record<string, string> }[]): Promise<number>;
}

export interface PublishTo {
  /** Its real name, with the prefix of the workspace. */
  topic: string;
  key: string | Buffer;
  /** Default 0. */
  partition?: number;
  headers?: Record<string, string>;
}

const encoder = new EventEncoder();

/**
 * Writes events of the platform as the service that owns them would, all with the same key.
 *
 * @example await publish(producer, { topic: workspace.topic('rollouts'), key: 'flight-delay' }, new RolloutStarted({ … }));
 * @returns offset of the first
 */
export function publish(sender: EventSender, { topic, key, partition = 0, headers }: PublishTo, ...events: Event[]): Promise<number> {
  return sender.send(topic, partition, events.map((event) => ({ key, value: encoder.encode(event), headers })));
}

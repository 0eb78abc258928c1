import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { failPoint } from '@millrace/fail-points';
import { PlainProducer } from '@millrace/messaging';
import { Shared } from '@millrace/service';
import { StreamWatches } from './stream-watches.ts';

/** How long a client waits at most for the broker, ms. */
const answerMs = 9000;

/** A record as it is posted. */
export interface PostedRecord {
  readonly value: Buffer;
  readonly headers: Record<string, string>;
}

/**
 * Writes to `events.<stream>` as any producer would, acknowledged by all replicas. While the broker does not answer, new requests for that
 * stream are refused at the door instead of waiting behind those that do.
 */
@Injectable()
export class EventPoster implements OnApplicationShutdown {
  private readonly watches = new StreamWatches();
  private producer: Promise<PlainProducer> | undefined;

  constructor(private readonly shared: Shared) {
    shared.door.guard((method, path) => this.watches.refusal(method, path));
  }

  /**
   * @param stream declared
   * @throws MillraceError, retriable, when the broker does not answer; the records may have been written all the same
   */
  async post(stream: string, records: readonly PostedRecord[]): Promise<void> {
    const watch = this.watches.of(stream);
    const refused = watch.refusal();
    if (refused) throw refused;
    const ended = watch.began();
    const written = this.write(stream, records).then(
      () => ended('answered'),
      (error: unknown) => {
        // What is wrong with a record says nothing about the broker.
        ended(error instanceof MillraceError && !error.retriable ? 'unasked' : 'failed');
        throw error;
      },
    );
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new MillraceError('BROKER_AWAY', `the broker has not answered within ${answerMs} ms`, { retriable: true, hint: 'send it again with the same ids: the events may have been written' })), answerMs);
    });
    await Promise.race([written, late]).finally(() => clearTimeout(timer));
  }

  async onApplicationShutdown(): Promise<void> {
    await (await this.producer)?.close();
  }

  private async write(stream: string, records: readonly PostedRecord[]): Promise<void> {
    this.producer ??= PlainProducer.open(this.shared.cluster).catch((error: unknown) => {
      this.producer = undefined;
      throw error;
    });
    const producer = await this.producer;
    const topic = this.shared.workspace.topic('events.<stream>', { stream });
    await failPoint('door.posting');
    await producer.send(topic, 0, records.map(({ value, headers }) => ({ key: stream, value, headers })));
    await failPoint('door.posted');
  }
}

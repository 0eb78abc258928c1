import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import { failPoint } from '@millrace/fail-points';
import { PlainProducer } from '@millrace/messaging';
import { Shared } from '@millrace/service';

/** Writes to `events.<stream>` as any producer would, acknowledged by all replicas. */
@Injectable()
export class EventPoster implements OnApplicationShutdown {
  private producer: Promise<PlainProducer> | undefined;

  constructor(private readonly shared: Shared) {}

  /** @throws MillraceError, retriable, when the broker does not answer */
  async post(stream: string, values: readonly Buffer[], headers: Record<string, string>): Promise<void> {
    this.producer ??= PlainProducer.open(this.shared.cluster).catch((error: unknown) => {
      this.producer = undefined;
      throw error;
    });
    const producer = await this.producer;
    const topic = this.shared.workspace.topic('events.<stream>', { stream });
    await failPoint('door.posting');
    await producer.send(topic, 0, values.map((value) => ({ key: stream, value, headers })));
    await failPoint('door.posted');
  }

  async onApplicationShutdown(): Promise<void> {
    await (await this.producer)?.close();
  }
}

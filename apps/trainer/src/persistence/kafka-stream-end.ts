import { Injectable } from '@nestjs/common';
import type { EndOfLabelsQuery } from '@millrace/archive';
import { TopicAdmin } from '@millrace/messaging';
import { Shared } from '@millrace/service';
import { StreamEnd } from '../domain/stream-end.ts';

/** The feature store has committed a position behind, and what it wrote up to then is archived. */
@Injectable()
export class KafkaStreamEnd extends StreamEnd {
  private readonly shared: Shared;

  constructor(shared: Shared) {
    super();
    this.shared = shared;
  }

  readonly settled: NonNullable<EndOfLabelsQuery['settled']> = async (position, archived) => {
    const { cluster, workspace } = this.shared;
    const admin = new TopicAdmin(cluster);
    try {
      const lane = workspace.topic('event-ingested');
      const committed = await admin.committedOffsets(workspace.group('feature-store', 'lane'), [lane]);
      if ((committed.get(`${lane}/0`)?.offset ?? -1) <= position) return false;
      for (const { topic, partition, nextOffset } of archived) if ((await admin.offsets(topic, partition)).high > nextOffset) return false;
      return true;
    } finally {
      await admin.close();
    }
  };
}

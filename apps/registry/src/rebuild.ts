import { Injectable } from '@nestjs/common';
import { ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected } from '@millrace/contracts';
import { readTopics, type Read } from '@millrace/messaging';
import { Shared } from '@millrace/service';
import { ModelRows, type RebuildReport } from './domain/model-rows.ts';
import { ModelVersionApprovedProjection } from './handlers/model-version-approved.projection.ts';
import { ModelVersionRegisteredProjection } from './handlers/model-version-registered.projection.ts';
import { ModelVersionRejectedProjection } from './handlers/model-version-rejected.projection.ts';

const topic = 'model-versions';

/** Shows that the read model is a function of the log: folds it anew by the same projections, and compares. */
@Injectable()
export class Rebuild {
  private readonly shared: Shared;
  private readonly rows: ModelRows;
  private readonly registered = new ModelVersionRegisteredProjection();
  private readonly approved = new ModelVersionApprovedProjection();
  private readonly rejected = new ModelVersionRejectedProjection();

  constructor(shared: Shared, rows: ModelRows) {
    this.shared = shared;
    this.rows = rows;
  }

  run(): Promise<RebuildReport> {
    const { cluster, workspace } = this.shared;
    const name = workspace.topic(topic);
    return this.rows.rebuild(topic, async (from, to, writer) => {
      const reads = await readTopics(cluster, [{ name, topic, partition: 0 }], new Map([[`${name}/0`, to]]));
      for (const read of reads) {
        if (read.position < from) continue;
        if (is(read, ModelVersionRegistered)) await this.registered.project([read], writer);
        else if (is(read, ModelVersionApproved)) await this.approved.project([read], writer);
        else if (is(read, ModelVersionRejected)) await this.rejected.project([read], writer);
      }
    });
  }
}

function is<E extends Read['event']>(read: Read, type: abstract new (...fields: never) => E): read is Read<E> {
  return read.event instanceof type;
}

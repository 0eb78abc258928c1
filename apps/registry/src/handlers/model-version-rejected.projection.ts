import { ModelVersionRejected } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { ModelRows, type ModelRowsWriter } from '../domain/model-rows.ts';

@Projects(ModelVersionRejected, { into: ModelRows })
export class ModelVersionRejectedProjection {
  async project(batch: Iterable<Read<ModelVersionRejected>>, rows: ModelRowsWriter): Promise<void> {
    for (const { event: { model, version, verdicts, rejectedBy }, time } of batch) await rows.decide(model, version, { status: 'rejected', verdicts, decidedBy: rejectedBy, decidedAt: time });
  }
}

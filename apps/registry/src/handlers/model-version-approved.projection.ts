import { ModelVersionApproved } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { ModelRows, type ModelRowsWriter } from '../domain/model-rows.ts';

@Projects(ModelVersionApproved, { into: ModelRows })
export class ModelVersionApprovedProjection {
  async project(batch: Iterable<Read<ModelVersionApproved>>, rows: ModelRowsWriter): Promise<void> {
    for (const { event: { model, version, verdicts, approvedBy }, time } of batch) await rows.decide(model, version, { status: 'approved', verdicts, decidedBy: approvedBy, decidedAt: time });
  }
}

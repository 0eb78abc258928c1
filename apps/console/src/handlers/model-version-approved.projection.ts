import { ModelVersionApproved } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(ModelVersionApproved, { into: StatusBoard })
export class ModelVersionApprovedProjection {
  async project(batch: Iterable<Read<ModelVersionApproved>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

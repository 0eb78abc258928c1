import { ModelVersionRejected } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(ModelVersionRejected, { into: StatusBoard })
export class ModelVersionRejectedProjection {
  async project(batch: Iterable<Read<ModelVersionRejected>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

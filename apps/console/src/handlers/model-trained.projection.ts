import { ModelTrained } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(ModelTrained, { into: StatusBoard })
export class ModelTrainedProjection {
  async project(batch: Iterable<Read<ModelTrained>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

import { ModelLoadFailed } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(ModelLoadFailed, { into: StatusBoard })
export class ModelLoadFailedProjection {
  async project(batch: Iterable<Read<ModelLoadFailed>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

import { TrainingFailed } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(TrainingFailed, { into: StatusBoard })
export class TrainingFailedProjection {
  async project(batch: Iterable<Read<TrainingFailed>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

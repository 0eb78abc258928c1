import { RolloutCompleted } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(RolloutCompleted, { into: StatusBoard })
export class RolloutCompletedProjection {
  async project(batch: Iterable<Read<RolloutCompleted>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

import { RolloutStarted } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(RolloutStarted, { into: StatusBoard })
export class RolloutStartedProjection {
  async project(batch: Iterable<Read<RolloutStarted>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

import { RolloutAborted } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(RolloutAborted, { into: StatusBoard })
export class RolloutAbortedProjection {
  async project(batch: Iterable<Read<RolloutAborted>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

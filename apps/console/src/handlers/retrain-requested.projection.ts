import { RetrainRequested } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(RetrainRequested, { into: StatusBoard })
export class RetrainRequestedProjection {
  async project(batch: Iterable<Read<RetrainRequested>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

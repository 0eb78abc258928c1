import { TrainingStarted } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(TrainingStarted, { into: StatusBoard })
export class TrainingStartedProjection {
  async project(batch: Iterable<Read<TrainingStarted>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

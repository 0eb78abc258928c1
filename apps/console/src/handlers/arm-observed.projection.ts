import { ArmObserved } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(ArmObserved, { into: StatusBoard })
export class ArmObservedProjection {
  async project(batch: Iterable<Read<ArmObserved>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

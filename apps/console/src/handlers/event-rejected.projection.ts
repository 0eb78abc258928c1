import { EventRejected } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(EventRejected, { into: StatusBoard })
export class EventRejectedProjection {
  async project(batch: Iterable<Read<EventRejected>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

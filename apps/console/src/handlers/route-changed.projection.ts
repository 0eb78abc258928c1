import { RouteChanged } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(RouteChanged, { into: StatusBoard })
export class RouteChangedProjection {
  async project(batch: Iterable<Read<RouteChanged>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

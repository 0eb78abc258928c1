import { RouteAdopted } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(RouteAdopted, { into: StatusBoard })
export class RouteAdoptedProjection {
  async project(batch: Iterable<Read<RouteAdopted>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

import { ModelLoaded } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(ModelLoaded, { into: StatusBoard })
export class ModelLoadedProjection {
  async project(batch: Iterable<Read<ModelLoaded>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

import { ModelVersionRegistered } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(ModelVersionRegistered, { into: StatusBoard })
export class ModelVersionRegisteredProjection {
  async project(batch: Iterable<Read<ModelVersionRegistered>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

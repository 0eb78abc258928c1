import { CommandIssued } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(CommandIssued, { into: StatusBoard })
export class CommandIssuedProjection {
  async project(batch: Iterable<Read<CommandIssued>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

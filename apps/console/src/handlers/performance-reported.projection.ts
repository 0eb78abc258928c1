import { PerformanceReported } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StatusBoard, type BoardStep } from '../domain/status-board.ts';

@Projects(PerformanceReported, { into: StatusBoard })
export class PerformanceReportedProjection {
  async project(batch: Iterable<Read<PerformanceReported>>, step: BoardStep): Promise<void> {
    step.add(batch);
  }
}

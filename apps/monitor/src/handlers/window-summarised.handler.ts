import { ArmObserved, PerformanceReported, RetrainRequested, WindowSummarised } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { armsToSay, isEnoughNow } from '../domain/arm-progress.ts';
import { Evaluations } from '../domain/evaluations.ts';
import { Findings, type FindingsState } from '../domain/findings.ts';
import { firstVolume, judgeWindows } from '../domain/judgement.ts';
import { seeSummary } from '../domain/seen.ts';

@Decides(WindowSummarised, { in: Findings, publishes: [PerformanceReported, ArmObserved, RetrainRequested] })
export class WindowSummarisedHandler {
  private readonly evaluations: Evaluations;

  constructor(evaluations: Evaluations) {
    this.evaluations = evaluations;
  }

  observe(state: FindingsState, { event }: Read<WindowSummarised>): FindingsState {
    return { ...state, seen: seeSummary(state.seen, event) };
  }

  *decide(state: FindingsState, { event: { model } }: Read<WindowSummarised>): Iterable<PerformanceReported | ArmObserved | RetrainRequested> {
    yield* judgeWindows(state, model, this.evaluations);
    yield* firstVolume(state, model);
    if (isEnoughNow(state, model)) yield* armsToSay(state, model);
  }
}

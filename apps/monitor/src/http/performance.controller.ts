import { Controller, Get, Param } from '@nestjs/common';
import { MillraceError, type PerformanceReported, type RetrainRequested } from '@millrace/contracts';
import { Shared } from '@millrace/service';
import { beginningOfTime } from '../domain/beginning-of-time.ts';
import { Findings, type FindingsState } from '../domain/findings.ts';
import { championOf, labelsOf, modelTime, type Champion } from '../domain/seen.ts';

export interface Performance {
  readonly model: string;
  readonly champion: Champion | null;
  /** Event time up to which everything is counted, ms since epoch; null while a slot is silent. */
  readonly countedTo: number | null;
  readonly labels: { readonly labelled: number; readonly unpredicted: number };
  /** One row per version and judged window, oldest first. Figures without rows are null. */
  readonly days: readonly PerformanceReported[];
  /** Newest request that an alarm caused. */
  readonly alarm: RetrainRequested | null;
}

/** How the versions of a model do. */
@Controller()
export class PerformanceController {
  private readonly shared: Shared;

  constructor(shared: Shared) {
    this.shared = shared;
  }

  @Get('performance/:model')
  performance(@Param('model') model: string): Performance {
    const state = this.shared.strategy?.runtime.current(Findings.name) as FindingsState | undefined;
    if (!state) throw new MillraceError('NOT_READY', 'the findings are being read', { retriable: true });
    const { seen, said } = state;
    if (!seen.declared.has(model) && !seen.models.has(model)) throw new MillraceError('NOT_FOUND', `no model is called '${model}'`, { hint: `declared are ${[...seen.declared.keys()].join(', ') || 'none'}` });
    const time = modelTime(seen, model);
    return {
      model, champion: championOf(seen, model) ?? null, countedTo: time > beginningOfTime ? time : null,
      labels: labelsOf(seen, model), days: said.reports.get(model) ?? [], alarm: said.alarms.get(model) ?? null,
    };
  }
}

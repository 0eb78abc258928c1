import { Controller, Get, Param } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { Shared } from '@millrace/service';
import { Rollouts, type RolloutsState } from '../domain/rollouts.ts';
import { standingOf, type ModelStanding } from '../domain/standing.ts';

@Controller()
export class RolloutsController {
  constructor(private readonly shared: Shared) {}

  /** Champion, routes and the running rollout of a model. */
  @Get('rollouts/:model')
  rollout(@Param('model') model: string): ModelStanding {
    const state = this.shared.strategy?.runtime.current(Rollouts.name) as RolloutsState | undefined;
    if (!state) throw new MillraceError('NOT_READY', 'the rollouts are still being read', { retriable: true });
    const standing = standingOf(state, model);
    if (!standing) throw new MillraceError('NOT_FOUND', `no model is called ${model}`, { hint: 'apply its definition first' });
    return standing;
  }
}

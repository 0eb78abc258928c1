import { Controller, Get } from '@nestjs/common';
import { ScorerPool, type ScorerStanding } from '../scoring/scorer-pool.ts';
import { SlotStates } from '../slot-states.ts';

/** Which route each slot of this process answers by, and which models it has loaded. */
@Controller()
export class RoutesController {
  private readonly states: SlotStates;
  private readonly pool: ScorerPool;

  constructor(states: SlotStates, pool: ScorerPool) {
    this.states = states;
    this.pool = pool;
  }

  @Get('routes')
  routes(): { slots: ReturnType<SlotStates['standing']>; models: ScorerStanding[] } {
    return { slots: this.states.standing(), models: this.pool.standing() };
  }
}

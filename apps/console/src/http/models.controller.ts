import { Controller, Get, Param, Query } from '@nestjs/common';
import type { TimelineEntry } from '../domain/board.ts';
import { adoptionOf, modelStatus, timelineOf, type Adoption, type ModelStatus } from '../domain/model-status.ts';
import { ReadState } from './read-state.ts';
import { invalid, wholeIn } from './request-body.ts';

@Controller('models/:model')
export class ModelsController {
  constructor(private readonly state: ReadState) {}

  @Get()
  status(@Param('model') model: string): ModelStatus {
    return modelStatus(model, this.state.model(model), this.state.slots());
  }

  /** What happened to the model, oldest first. */
  @Get('timeline')
  timeline(@Param('model') model: string): TimelineEntry[] {
    return timelineOf(this.state.model(model));
  }

  /** Which slots answer by the route of an epoch (`?epoch=`), or by the one that withdrew a version (`?withdrawn=`). */
  @Get('adoption')
  adoption(@Param('model') model: string, @Query('epoch') epoch?: string, @Query('withdrawn') withdrawn?: string): Adoption {
    const board = this.state.model(model);
    if (epoch !== undefined) return adoptionOf(model, board, this.state.slots(), { epoch: wholeIn('epoch', epoch) });
    if (withdrawn !== undefined) return adoptionOf(model, board, this.state.slots(), { withdrawn: wholeIn('withdrawn', withdrawn) });
    throw invalid("'epoch' or 'withdrawn' is missing", '/models/<model>/adoption?epoch=3');
  }
}

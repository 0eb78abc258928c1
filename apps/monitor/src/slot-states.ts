import { Injectable } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { StateFactory } from '@millrace/messaging';
import { SlotState } from './domain/slot-state.ts';

@Injectable()
export class SlotStates extends StateFactory {
  readonly state = SlotState;

  create({ model, partition }: { model: string | undefined; partition: number }): SlotState {
    if (model === undefined) throw new MillraceError('STATE_INVALID', 'a slot belongs to a model');
    return new SlotState(model, partition);
  }
}

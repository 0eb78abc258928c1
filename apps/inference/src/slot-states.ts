import { Injectable } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { StateFactory } from '@millrace/messaging';
import { Shared } from '@millrace/service';
import { Scorers } from './domain/scorers.ts';
import { SlotState } from './domain/slot-state.ts';

/** Makes the state of each slot, and knows those that are open. */
@Injectable()
export class SlotStates extends StateFactory {
  readonly state = SlotState;
  private readonly shared: Shared;
  private readonly scorers: Scorers;
  private readonly open = new Set<SlotState>();

  constructor(shared: Shared, scorers: Scorers) {
    super();
    this.shared = shared;
    this.scorers = scorers;
  }

  create({ model, partition }: { model: string | undefined; partition: number }): SlotState {
    if (model === undefined) throw new MillraceError('STATE_INVALID', 'a slot belongs to a model');
    const state: SlotState = new SlotState({ model, slot: partition, instance: this.shared.options.instance }, this.scorers, () => this.open.delete(state));
    this.open.add(state);
    return state;
  }

  standing(): ReturnType<SlotState['standing']>[] {
    return [...this.open].map((state) => state.standing()).sort((a, b) => (a.model === b.model ? a.slot - b.slot : a.model < b.model ? -1 : 1));
  }
}

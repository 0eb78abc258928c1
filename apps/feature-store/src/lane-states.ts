import { Injectable } from '@nestjs/common';
import { StateFactory } from '@millrace/messaging';
import { LaneState } from './domain/lane.state.ts';

/** Makes the state of each lane. */
@Injectable()
export class LaneStates extends StateFactory {
  readonly state = LaneState;

  create(): LaneState {
    return new LaneState();
  }
}

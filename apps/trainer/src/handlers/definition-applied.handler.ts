import { DefinitionApplied } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Trainings, observeDefinitions, type TrainingsState } from '../domain/trainings.ts';

@Decides(DefinitionApplied, { in: Trainings, publishes: [] })
export class DefinitionAppliedHandler {
  observe(state: TrainingsState, { event }: Read<DefinitionApplied>): TrainingsState {
    return observeDefinitions(state, event);
  }
}

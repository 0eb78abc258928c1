import { RetrainRequested, TrainingStarted } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Trainings, type TrainingsState } from '../domain/trainings.ts';

/** One training for each episode: a request that comes twice starts nothing. */
@Decides(RetrainRequested, { in: Trainings, publishes: [TrainingStarted] })
export class RetrainRequestedHandler {
  *decide({ started }: TrainingsState, { event: request }: Read<RetrainRequested>): Iterable<TrainingStarted> {
    if (!started.has(request.episode)) yield new TrainingStarted({ training: request.episode, request });
  }
}

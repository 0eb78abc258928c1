import { ModelTrained, TrainingFailed, type RetrainRequestedFields } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import { defineJob } from '@millrace/messaging';

export interface TrainModelInput {
  readonly training: string;
  readonly request: RetrainRequestedFields;
  readonly definition: ModelDefinition;
}

/** Waits for the labels that a request asks for, trains, and ends with a bundle or a reason. */
export const TrainModel = defineJob<TrainModelInput, [typeof ModelTrained, typeof TrainingFailed]>('train-model', {
  ends: [ModelTrained, TrainingFailed],
  failed: ({ code, message, retriable }, training, { request }) => new TrainingFailed({ model: request.model, training, code, reason: message, retriable }),
});

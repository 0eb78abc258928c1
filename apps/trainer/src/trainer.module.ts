import { Module } from '@nestjs/common';
import { StreamEnd } from './domain/stream-end.ts';
import { DefinitionAppliedHandler } from './handlers/definition-applied.handler.ts';
import { RetrainRequestedHandler } from './handlers/retrain-requested.handler.ts';
import { TrainModelJob } from './jobs/train-model.job.ts';
import { KafkaStreamEnd } from './persistence/kafka-stream-end.ts';

@Module({
  controllers: [DefinitionAppliedHandler, RetrainRequestedHandler, TrainModelJob],
  providers: [{ provide: StreamEnd, useClass: KafkaStreamEnd }],
})
export class TrainerModule {}

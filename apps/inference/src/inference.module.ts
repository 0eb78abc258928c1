import { Module } from '@nestjs/common';
import { Scorers } from './domain/scorers.ts';
import { RolloutAbortedHandler } from './handlers/rollout-aborted.handler.ts';
import { RolloutCompletedHandler } from './handlers/rollout-completed.handler.ts';
import { RolloutStartedHandler } from './handlers/rollout-started.handler.ts';
import { RouteChangedHandler } from './handlers/route-changed.handler.ts';
import { VectorComputedHandler } from './handlers/vector-computed.handler.ts';
import { RoutesController } from './http/routes.controller.ts';
import { InferenceOptions, readInferenceOptions } from './inference.config.ts';
import { ScorerPool } from './scoring/scorer-pool.ts';
import { SlotStates } from './slot-states.ts';

@Module({
  controllers: [RolloutStartedHandler, RouteChangedHandler, RolloutCompletedHandler, RolloutAbortedHandler, VectorComputedHandler, RoutesController],
  providers: [{ provide: InferenceOptions, useFactory: () => readInferenceOptions(process.env) }, ScorerPool, { provide: Scorers, useExisting: ScorerPool }, SlotStates],
})
export class InferenceModule {}

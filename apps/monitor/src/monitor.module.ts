import { Module } from '@nestjs/common';
import { Evaluations } from './domain/evaluations.ts';
import { CommandIssuedHandler } from './handlers/command-issued.handler.ts';
import { DefinitionAppliedBroadcast } from './handlers/definition-applied.broadcast.ts';
import { DefinitionAppliedHandler } from './handlers/definition-applied.handler.ts';
import { LabelObservedHandler } from './handlers/label-observed.handler.ts';
import { PredictionMadeHandler } from './handlers/prediction-made.handler.ts';
import { TickHandler } from './handlers/tick.handler.ts';
import { VectorComputedHandler } from './handlers/vector-computed.handler.ts';
import { WindowSummarisedHandler } from './handlers/window-summarised.handler.ts';
import { WorkspaceCreatedHandler } from './handlers/workspace-created.handler.ts';
import { PerformanceController } from './http/performance.controller.ts';
import { BundleEvaluations } from './persistence/bundle-evaluations.ts';
import { SlotStates } from './slot-states.ts';

@Module({
  controllers: [
    DefinitionAppliedBroadcast, PredictionMadeHandler, LabelObservedHandler, VectorComputedHandler,
    WorkspaceCreatedHandler, DefinitionAppliedHandler, CommandIssuedHandler, WindowSummarisedHandler, TickHandler,
    PerformanceController,
  ],
  providers: [SlotStates, { provide: Evaluations, useClass: BundleEvaluations }],
})
export class MonitorModule {}

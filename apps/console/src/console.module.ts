import { Module } from '@nestjs/common';
import { StatusBoard } from './domain/status-board.ts';
import { ApplyDefinitionsHandler } from './handlers/apply-definitions.handler.ts';
import { ArmObservedProjection } from './handlers/arm-observed.projection.ts';
import { CommandIssuedProjection } from './handlers/command-issued.projection.ts';
import { EventRejectedProjection } from './handlers/event-rejected.projection.ts';
import { IssueCommandHandler } from './handlers/issue-command.handler.ts';
import { ModelLoadFailedProjection } from './handlers/model-load-failed.projection.ts';
import { ModelLoadedProjection } from './handlers/model-loaded.projection.ts';
import { ModelTrainedProjection } from './handlers/model-trained.projection.ts';
import { ModelVersionApprovedProjection } from './handlers/model-version-approved.projection.ts';
import { ModelVersionRegisteredProjection } from './handlers/model-version-registered.projection.ts';
import { ModelVersionRejectedProjection } from './handlers/model-version-rejected.projection.ts';
import { PerformanceReportedProjection } from './handlers/performance-reported.projection.ts';
import { RetrainRequestedProjection } from './handlers/retrain-requested.projection.ts';
import { RolloutAbortedProjection } from './handlers/rollout-aborted.projection.ts';
import { RolloutCompletedProjection } from './handlers/rollout-completed.projection.ts';
import { RolloutStartedProjection } from './handlers/rollout-started.projection.ts';
import { RouteAdoptedProjection } from './handlers/route-adopted.projection.ts';
import { RouteChangedProjection } from './handlers/route-changed.projection.ts';
import { TrainingFailedProjection } from './handlers/training-failed.projection.ts';
import { TrainingStartedProjection } from './handlers/training-started.projection.ts';
import { CommandsController } from './http/commands.controller.ts';
import { DefinitionsController } from './http/definitions.controller.ts';
import { ModelsController } from './http/models.controller.ts';
import { StatusController } from './http/status.controller.ts';
import { StreamsController } from './http/streams.controller.ts';
import { ReadState } from './http/read-state.ts';

@Module({
  providers: [StatusBoard, ReadState],
  controllers: [
    ApplyDefinitionsHandler, IssueCommandHandler,
    ArmObservedProjection, CommandIssuedProjection, EventRejectedProjection, ModelLoadFailedProjection, ModelLoadedProjection, ModelTrainedProjection,
    ModelVersionApprovedProjection, ModelVersionRegisteredProjection, ModelVersionRejectedProjection, PerformanceReportedProjection,
    RetrainRequestedProjection, RolloutAbortedProjection, RolloutCompletedProjection, RolloutStartedProjection, RouteAdoptedProjection,
    RouteChangedProjection, TrainingFailedProjection, TrainingStartedProjection,
    CommandsController, DefinitionsController, ModelsController, StatusController, StreamsController,
  ],
})
export class ConsoleModule {}

import { Module } from '@nestjs/common';
import { ArmObservedHandler } from './handlers/arm-observed.handler.ts';
import { CommandIssuedHandler } from './handlers/command-issued.handler.ts';
import { DefinitionAppliedHandler } from './handlers/definition-applied.handler.ts';
import { ModelLoadFailedHandler } from './handlers/model-load-failed.handler.ts';
import { ModelLoadedHandler } from './handlers/model-loaded.handler.ts';
import { ModelVersionApprovedHandler } from './handlers/model-version-approved.handler.ts';
import { RouteAdoptedHandler } from './handlers/route-adopted.handler.ts';
import { TickHandler } from './handlers/tick.handler.ts';
import { WorkspaceCreatedHandler } from './handlers/workspace-created.handler.ts';
import { RolloutsController } from './http/rollouts.controller.ts';

@Module({
  controllers: [
    WorkspaceCreatedHandler, DefinitionAppliedHandler, ModelVersionApprovedHandler, ModelLoadedHandler, ModelLoadFailedHandler, RouteAdoptedHandler,
    ArmObservedHandler, CommandIssuedHandler, TickHandler, RolloutsController,
  ],
})
export class DeployerModule {}

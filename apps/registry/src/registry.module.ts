import { Module } from '@nestjs/common';
import { ModelRows } from './domain/model-rows.ts';
import { Runtime } from './domain/runtime.ts';
import { CommandIssuedHandler } from './handlers/command-issued.handler.ts';
import { DefinitionAppliedHandler } from './handlers/definition-applied.handler.ts';
import { ModelTrainedHandler } from './handlers/model-trained.handler.ts';
import { ModelVersionApprovedProjection } from './handlers/model-version-approved.projection.ts';
import { ModelVersionRegisteredProjection } from './handlers/model-version-registered.projection.ts';
import { ModelVersionRejectedProjection } from './handlers/model-version-rejected.projection.ts';
import { ModelsController } from './http/models.controller.ts';
import { RebuildController } from './http/rebuild.controller.ts';
import { JudgeVersionJob } from './jobs/judge-version.job.ts';
import { DatabaseModelRows } from './persistence/database-model-rows.ts';
import { Database } from './persistence/database.ts';
import { Rebuild } from './rebuild.ts';
import { readRegistryOptions, RegistryOptions } from './registry.config.ts';
import { ScoringRuntime } from './scoring/scoring-runtime.ts';

@Module({
  controllers: [
    ModelTrainedHandler, DefinitionAppliedHandler, CommandIssuedHandler,
    // In this order a batch is projected: a version is registered before it is decided.
    ModelVersionRegisteredProjection, ModelVersionApprovedProjection, ModelVersionRejectedProjection,
    JudgeVersionJob, ModelsController, RebuildController,
  ],
  providers: [
    { provide: RegistryOptions, useFactory: () => readRegistryOptions(process.env) },
    { provide: Runtime, useClass: ScoringRuntime },
    { provide: ModelRows, useClass: DatabaseModelRows },
    Database, Rebuild,
  ],
})
export class RegistryModule {}

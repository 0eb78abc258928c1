import { Module } from '@nestjs/common';
import { DefinitionAppliedHandler } from './handlers/definition-applied.handler.ts';
import { DefinitionAppliedProjection } from './handlers/definition-applied.projection.ts';
import { EventPostedHandler } from './handlers/event-posted.handler.ts';
import { EventPoster } from './http/event-poster.ts';
import { EventsController } from './http/events.controller.ts';
import { StreamCatalogue } from './http/stream-catalogue.ts';
import { LaneStates } from './lane-states.ts';

@Module({
  controllers: [EventPostedHandler, DefinitionAppliedHandler, DefinitionAppliedProjection, EventsController],
  providers: [LaneStates, StreamCatalogue, EventPoster],
})
export class IngestionModule {}

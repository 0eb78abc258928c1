import { Module } from '@nestjs/common';
import { labelColumns, vectorColumns } from '@millrace/archive';
import { Shared } from '@millrace/service';
import { LabelArchive } from './domain/label-archive.port.ts';
import { VectorArchive } from './domain/vector-archive.port.ts';
import { DefinitionActivatedHandler } from './handlers/definition-activated.handler.ts';
import { EventIngestedHandler } from './handlers/event-ingested.handler.ts';
import { LabelObservedProjection } from './handlers/label-observed.projection.ts';
import { VectorComputedProjection } from './handlers/vector-computed.projection.ts';
import { LaneStates } from './lane-states.ts';
import { SegmentArchive } from './persistence/segment-archive.ts';

@Module({
  controllers: [EventIngestedHandler, DefinitionActivatedHandler, VectorComputedProjection, LabelObservedProjection],
  providers: [
    LaneStates,
    { provide: VectorArchive, inject: [Shared], useFactory: (shared: Shared) => new SegmentArchive(shared, vectorColumns) },
    { provide: LabelArchive, inject: [Shared], useFactory: (shared: Shared) => new SegmentArchive(shared, labelColumns) },
  ],
})
export class FeatureStoreModule {}

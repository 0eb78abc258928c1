import { ModelTrained, ModelVersionRegistered } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Versions, type VersionsState } from '../domain/versions.ts';

/** A bundle gets its version number, once. */
@Decides(ModelTrained, { in: Versions, publishes: [ModelVersionRegistered] })
export class ModelTrainedHandler {
  *decide(state: VersionsState, { event: trained }: Read<ModelTrained>): Iterable<ModelVersionRegistered> {
    const { model, training, bundle } = trained;
    if (state.trainings.has(training)) return;
    yield new ModelVersionRegistered({ model, version: (state.highest.get(model) ?? 0) + 1, bundle, training, trained });
  }
}

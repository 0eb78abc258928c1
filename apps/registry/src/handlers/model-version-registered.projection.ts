import { ModelVersionRegistered } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { ModelRows, type ModelRowsWriter } from '../domain/model-rows.ts';

@Projects(ModelVersionRegistered, { into: ModelRows })
export class ModelVersionRegisteredProjection {
  async project(batch: Iterable<Read<ModelVersionRegistered>>, rows: ModelRowsWriter): Promise<void> {
    for (const { event, time } of batch) {
      const { modelHash, featureSet, definitionHash, dataset, candidate, championVersion, champion, seconds } = event.trained;
      const { model, version, bundle, training } = event;
      await rows.add({
        model, version, bundle, training, modelHash, featureSet, definitionHash, dataset,
        metrics: candidate, championVersion, championMetrics: champion, trainingSeconds: seconds,
        registeredAt: time, status: 'pending', verdicts: [], decidedBy: null, decidedAt: null,
      });
    }
  }
}

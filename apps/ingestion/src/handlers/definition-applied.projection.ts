import { DefinitionApplied } from '@millrace/contracts';
import { Projects, type Read } from '@millrace/messaging';
import { StreamCatalogue } from '../http/stream-catalogue.ts';

/** Keeps what the HTTP door needs to encode events. */
@Projects(DefinitionApplied, { into: StreamCatalogue })
export class DefinitionAppliedProjection {
  async project(batch: Iterable<Read<DefinitionApplied>>, catalogue: StreamCatalogue): Promise<void> {
    for (const { event } of batch) catalogue.apply(event);
  }
}

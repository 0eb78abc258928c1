import { Injectable } from '@nestjs/common';
import { MillraceError, type DefinitionApplied } from '@millrace/contracts';
import { ProjectionStore } from '@millrace/messaging';
import { AcceptedSchemas } from '../domain/accepted-schemas.ts';

/** The newest definitions in memory, read from the start by each process. */
@Injectable()
export class StreamCatalogue extends ProjectionStore<StreamCatalogue> {
  override readonly shared = false;
  private schemas: AcceptedSchemas | undefined;
  private isRead = false;

  apply(applied: DefinitionApplied): void {
    this.schemas = new AcceptedSchemas(applied);
  }

  /** @throws MillraceError NOT_READY, retriable, until `definitions` was read to its end once; NOT_FOUND before anything was applied */
  get accepted(): AcceptedSchemas {
    if (!this.isRead) throw new MillraceError('NOT_READY', 'the definitions are still being read', { retriable: true, hint: 'send the same request again' });
    if (!this.schemas) throw new MillraceError('NOT_FOUND', 'no streams are declared yet', { hint: 'apply definitions first: millrace apply <file>' });
    return this.schemas;
  }

  override async due(atEnd: boolean): Promise<void> {
    this.isRead ||= atEnd;
  }

  /** From the start again: on the way there are definitions of the past. */
  override async position(): Promise<number> {
    this.isRead = false;
    return 0;
  }

  override async transact(_step: unknown, work: (tx: StreamCatalogue) => Promise<void>): Promise<void> {
    await work(this);
  }
}

import { Controller, Get, Param } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import { Shared } from '@millrace/service';
import { declaredNames } from '../domain/definitions.ts';
import { schemaInForce } from '../domain/stream-schemas.ts';
import { ReadState } from './read-state.ts';

/** What a producer needs to post to a stream. */
export interface StreamAddress {
  readonly stream: string;
  readonly topic: string;
  readonly lanes: number;
  /** Goes into the frame of each record. */
  readonly schemaId: number;
  /** Avro schema. */
  readonly schema: unknown;
}

@Controller()
export class StreamsController {
  constructor(
    private readonly shared: Shared,
    private readonly state: ReadState,
  ) {}

  @Get('streams')
  all(): StreamAddress[] {
    return declaredNames(this.state.definitions().applied).streams.map((name) => this.address(name));
  }

  @Get('streams/:name')
  one(@Param('name') name: string): StreamAddress {
    return this.address(name);
  }

  private address(name: string): StreamAddress {
    const { applied } = this.state.definitions();
    const { streams } = declaredNames(applied);
    const found = streams.includes(name) ? schemaInForce(applied?.schemas ?? [], name) : undefined;
    if (!found) throw new MillraceError('NOT_FOUND', `no stream is called ${name}`, { hint: streams.length > 0 ? `declared: ${streams.join(', ')}` : 'apply definitions first' });
    const { workspace } = this.shared;
    return { stream: name, topic: workspace.topic('events.<stream>', { stream: name }), lanes: workspace.lanes, schemaId: found.schemaId, schema: JSON.parse(found.schema) };
  }
}

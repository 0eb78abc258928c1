import { Body, Controller, Get, Post, Res } from '@nestjs/common';
import { DefinitionApplied, MillraceError, type Event } from '@millrace/contracts';
import { TopicAdmin, topicsFor } from '@millrace/messaging';
import { Shared } from '@millrace/service';
import type { FastifyReply } from 'fastify';
import { checkDefinitions } from '../domain/check-definitions.ts';
import { ApplyDefinitions, Definitions, refuseRemovals, type CheckedSet } from '../domain/definitions.ts';
import { ReadState } from './read-state.ts';
import { objectIn, textIn } from './request-body.ts';

interface Applied {
  readonly hash: string;
  readonly appliedAt: number;
  readonly by: string;
  /** False when exactly this set was in force already. */
  readonly changed: boolean;
  readonly schemas: readonly { readonly stream: string; readonly schemaId: number }[];
}

/** The one door for definitions. */
@Controller()
export class DefinitionsController {
  constructor(
    private readonly shared: Shared,
    private readonly state: ReadState,
  ) {}

  /** The set in force. */
  @Get('definitions')
  current(): Omit<Applied, 'changed'> & { definitions: unknown } {
    const { applied } = this.state.definitions();
    if (!applied) throw new MillraceError('NOT_FOUND', 'no definitions were applied yet', { hint: 'millrace apply <file>' });
    return { ...summary(applied), definitions: JSON.parse(applied.definitions) };
  }

  /** Checks a set as a whole and applies it: 201, or 200 when it was in force already. */
  @Post('definitions')
  async apply(@Body() body: unknown, @Res({ passthrough: true }) reply: FastifyReply): Promise<Applied> {
    const request = objectIn(body);
    const by = textIn(request, 'by');
    const { definitions } = request;
    const set = checkDefinitions(typeof definitions === 'string' ? definitions : JSON.stringify(definitions ?? null));
    refuseRemovals(this.state.definitions().applied, set);
    await this.ensureTopics(set);
    const { lanes, slots } = this.shared.workspace;
    const events = await this.ask(new ApplyDefinitions({ set, by, lanes, slots }));
    const applied = events.find((event) => event instanceof DefinitionApplied);
    reply.status(applied ? 201 : 200);
    return { ...summary(applied ?? this.state.definitions().applied!), changed: applied !== undefined };
  }

  // Before the event is published: whoever hears of a stream or model opens its topics at once.
  private async ensureTopics(set: CheckedSet): Promise<void> {
    const admin = new TopicAdmin(this.shared.cluster);
    const declared = { streams: set.schemas.map(({ stream }) => stream), models: set.models };
    await admin.ensureTopics(topicsFor(this.shared.workspace, declared), (text) => this.shared.log.warn(text)).finally(() => admin.close());
  }

  private ask(door: ApplyDefinitions): Promise<Event[]> {
    if (!this.shared.strategy) throw new MillraceError('NOT_READY', 'the service has not started yet', { retriable: true });
    return this.shared.strategy.ask(Definitions.name, door);
  }
}

function summary({ hash, appliedAt, by, schemas }: DefinitionApplied): Omit<Applied, 'changed'> {
  return { hash, appliedAt, by, schemas: schemas.map(({ stream, schemaId }) => ({ stream, schemaId })) };
}

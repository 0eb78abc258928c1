import { randomUUID } from 'node:crypto';
import { Body, Controller, Headers, HttpCode, Post } from '@nestjs/common';
import { CommandIssued, MillraceError } from '@millrace/contracts';
import { Shared } from '@millrace/service';
import { checkCommand, commandKind, topicToKnow } from '../domain/check-command.ts';
import { Commands, IssueCommand, repeated, type Asked } from '../domain/commands.ts';
import { ReadState } from './read-state.ts';
import { invalid, objectIn, textIn, versionIn } from './request-body.ts';

/** The one door for commands. */
@Controller()
export class CommandsController {
  constructor(
    private readonly shared: Shared,
    private readonly state: ReadState,
  ) {}

  /** Issues a command once for its Idempotency-Key: 202 with the command as it stands in the log. */
  @Post('commands')
  @HttpCode(202)
  async issue(@Body() body: unknown, @Headers('idempotency-key') key?: string): Promise<CommandIssued> {
    const request = objectIn(body);
    if (key !== undefined && !/^[\x21-\x7e]{1,200}$/.test(key)) throw invalid('the Idempotency-Key must have 1 to 200 visible ASCII characters');
    const asked: Asked = { commandId: key ?? randomUUID(), kind: commandKind(request['kind']), model: textIn(request, 'model'), version: versionIn(request), who: textIn(request, 'who'), why: textIn(request, 'why') };
    const model = this.state.model(asked.model);
    const before = repeated(this.state.commands(), asked);
    if (before) return before;
    const topic = topicToKnow(asked.kind);
    if (topic) await this.state.caughtUp(topic);
    return this.ask(checkCommand(asked, model));
  }

  private async ask(asked: Asked): Promise<CommandIssued> {
    if (!this.shared.strategy) throw new MillraceError('NOT_READY', 'the service has not started yet', { retriable: true });
    const [issued] = await this.shared.strategy.ask(Commands.name, new IssueCommand(asked));
    if (issued instanceof CommandIssued) return issued;
    // The same key came twice at once.
    const known = repeated(this.state.commands(), asked);
    if (!known) throw new MillraceError('NOT_READY', 'the command was not found again', { retriable: true, hint: 'send it again with the same Idempotency-Key' });
    return known;
  }
}

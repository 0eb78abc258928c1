import { CommandIssued } from '@millrace/contracts';
import { Decides, type Read } from '@millrace/messaging';
import { Commands, IssueCommand, commandEvents, repeated, type CommandsState } from '../domain/commands.ts';

@Decides(IssueCommand, { in: Commands, publishes: commandEvents })
export class IssueCommandHandler {
  *decide(state: CommandsState, { event: { asked } }: Read<IssueCommand>, now: number): Iterable<CommandIssued> {
    if (!repeated(state, asked)) yield new CommandIssued({ ...asked, issuedAt: now });
  }
}

import { CommandIssued, MillraceError, type CommandIssuedFields } from '@millrace/contracts';
import { LocalEvent, defineDecider } from '@millrace/messaging';

export type CommandKind = CommandIssuedFields['kind'];
/** What an operator asks for; the time is added when it is issued. */
export type Asked = Omit<CommandIssuedFields, 'issuedAt'>;

/** Somebody asks for something. */
export class IssueCommand extends LocalEvent<'issue-command'> {
  static readonly stem = 'issue-command';
  readonly asked: Asked;

  constructor(asked: Asked) {
    super();
    this.asked = asked;
  }
}

export interface CommandsState {
  /** By command id. */
  readonly issued: ReadonlyMap<string, CommandIssued>;
}

export const commandEvents = [CommandIssued] as const;

/** Which commands were issued, each once. */
export const Commands = defineDecider({
  name: 'commands',
  events: commandEvents,
  initial: { issued: new Map() } as CommandsState,
  evolve: ({ issued }, event: CommandIssued): CommandsState => ({ issued: new Map(issued).set(event.commandId, event) }),
});

/**
 * The command that was issued under this id before.
 * @throws MillraceError CONFLICT when it asked for something else
 */
export function repeated({ issued }: CommandsState, asked: Asked): CommandIssued | undefined {
  const known = issued.get(asked.commandId);
  if (!known) return undefined;
  const isSame = known.kind === asked.kind && known.model === asked.model && (asked.version === null || known.version === asked.version);
  if (!isSame) throw new MillraceError('CONFLICT', `the key ${asked.commandId} was used to ask for ${known.kind} of ${known.model}`, { hint: 'send another Idempotency-Key' });
  return known;
}

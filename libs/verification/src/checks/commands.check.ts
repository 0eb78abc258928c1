import { createHash } from 'node:crypto';
import type { Check, SeenRecord } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';

interface Command {
  readonly kind: string;
  readonly model: string;
  readonly version: number | null;
  readonly who: string;
  readonly why: string;
  readonly record: SeenRecord;
  isUsed: boolean;
}

/**
 * Each command stands once in `commands`, and what an operator is said to have ordered follows from a command, each from one of its own.
 * A command need not lead to anything: there may be nothing to go back to. Only a training that is asked for is always requested.
 */
export class CommandsCheck implements Check {
  readonly name = 'commands';
  readonly promise = 'each command stands once in the log; what operators caused follows from a command of theirs, at most one effect from each';
  readonly found: Violations;
  private readonly commands = new Map<string, Command>();
  private readonly rollouts = new Set<string>();

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord): void {
    const { event } = record;
    if (!event) return;
    const { fields } = event;
    if (event.stem === 'command-issued') return this.issued(record);
    if (event.stem === 'retrain-requested' && fields.trigger === 'manual') {
      this.follows(record, `the training of the episode ${fields.episode}`, ({ kind, model }, id) => kind === 'RETRAIN' && model === fields.model && episodeOf(model, id) === fields.episode);
    }
    if (event.stem === 'model-version-approved' && fields.approvedBy !== 'gates') this.verdict(record, 'APPROVE', fields.approvedBy);
    if (event.stem === 'model-version-rejected' && fields.rejectedBy !== 'gates') this.verdict(record, 'REJECT', fields.rejectedBy);
    if (event.stem === 'rollout-started') this.rollouts.add(fields.rolloutId);
    if (event.stem === 'rollout-aborted' && fields.by !== 'deployer') {
      this.follows(record, `the end of the rollout ${fields.rolloutId}`, ({ kind, model, who, why }) => (kind === 'ABORT' || kind === 'ROLL_BACK') && model === fields.model && who === fields.by && why === fields.reason);
    }
    // A route of no rollout takes back a champion: nobody but an operator does that.
    if (event.stem === 'route-changed' && !this.rollouts.has(fields.rolloutId)) {
      this.follows(record, `epoch ${fields.epoch} of ${fields.model}`, ({ kind, model, who, why }) => kind === 'ROLL_BACK' && model === fields.model && fields.reason === `rolled back by ${who}: ${why}`);
    }
  }

  end(world: World): void {
    if (!world.settled) return;
    for (const [id, { kind, model, record, isUsed }] of this.commands)
      if (kind === 'RETRAIN' && !isUsed && world.declared.newest?.models.some(({ name }) => name === model)) this.found.add(record, `asks for a training of ${model} (${id}), but none was requested`);
  }

  private issued(record: SeenRecord): void {
    // A command outside of the bounds is the cause of effects within them.
    this.found.judges(record.timestamp);
    const { commandId, kind, model, version, who, why } = record.event!.fields;
    if (this.commands.has(commandId)) return this.found.add(record, `is a second command with the id ${commandId}`);
    this.commands.set(commandId, { kind, model, version, who, why, record, isUsed: false });
  }

  private verdict(record: SeenRecord, kind: string, by: string): void {
    const { model, version } = record.event!.fields;
    this.follows(record, `the verdict on ${model}@${version}`, (command) => command.kind === kind && command.model === model && command.version === version && command.who === by);
  }

  private follows(record: SeenRecord, what: string, isCause: (command: Command, id: string) => boolean): void {
    // An effect outside of the bounds uses a command within them.
    this.found.judges(record.timestamp);
    const causes = [...this.commands].filter(([id, command]) => isCause(command, id)).map(([, command]) => command);
    const free = causes.find(({ isUsed }) => !isUsed);
    if (free) free.isUsed = true;
    else this.found.add(record, causes.length === 0 ? `${what} was ordered by no command` : `${what} is a second effect of one command`);
  }
}

/** Key of the episode of a command: SHA-256 of model, no champion and the words `command <id>`, zero bytes between, the first 32 hex digits. */
function episodeOf(model: string, id: string): string {
  return createHash('sha256').update(`${model}\0\0command ${id}`).digest('hex').slice(0, 32);
}

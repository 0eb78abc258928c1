import { describe, expect, it } from '@jest/globals';
import { CommandIssued, type Event } from '@millrace/contracts';
import { foldRoutes, type ModelRoutes, noRoutes } from '@millrace/rollout';
import type { Read } from '@millrace/messaging';
import { IssueCommandHandler } from '../handlers/issue-command.handler.ts';
import { aborted, arm, completed, first, model, routed, second, started } from '../testing/examples.ts';
import { ModelBoard, type VersionView } from './board.ts';
import { checkCommand, commandKind } from './check-command.ts';
import { Commands, IssueCommand, type Asked, type CommandsState } from './commands.ts';

const asked = (change: Partial<Asked> = {}): Asked => ({ commandId: 'c1', kind: 'ROLL_BACK', model, version: null, who: 'ann', why: 'it looks wrong', ...change });
const boardAfter = (...events: Parameters<typeof foldRoutes>[1][]): ModelBoard => Object.assign(new ModelBoard(), { routes: events.reduce<ModelRoutes>(foldRoutes, noRoutes) });
const promoted = [...first, ...second, routed(3, 'r2', [arm('CHAMPION', 2, 100)], ''), completed(2)];

describe('checkCommand', () => {
  it('names the version that a rollback leaves', () => {
    expect(checkCommand(asked(), boardAfter(...promoted)).version).toBe(2);
    expect(checkCommand(asked(), boardAfter(...first, ...second)).version).toBe(2);
    expect(checkCommand(asked({ kind: 'ABORT' }), boardAfter(...first, started(2, 1))).version).toBe(2);
    expect(checkCommand(asked(), boardAfter(started(1))).version).toBe(1);
  });

  it.each([
    ['without any version', boardAfter(), asked(), 'has no version that answers'],
    ['with the first champion', boardAfter(...first), asked(), 'has nothing to go back to'],
    ['while the first version takes over', boardAfter(...first.slice(0, 2)), asked(), 'is the first'],
    ['after the other champion was withdrawn', boardAfter(...promoted, routed(4, 'x', [arm('CHAMPION', 1, 100)], '', [2])), asked(), 'has nothing to go back to'],
    ['of another version than the one that answers', boardAfter(...promoted), asked({ version: 1 }), 'neither takes over nor is the champion'],
    ['of a rollout that has ended', boardAfter(...first, ...second, aborted(2)), asked({ kind: 'ABORT' }), 'no rollout of flight-delay is running'],
  ])('refuses a rollback or abort %s', (_, board, command, sentence) => {
    expect(() => checkCommand(command, board)).toThrow(expect.objectContaining({ code: 'CONFLICT', message: expect.stringContaining(sentence) }));
  });

  it('lets an operator decide only about a version without a verdict', () => {
    const board = new ModelBoard();
    for (const [version, state] of [[1, 'approved'], [2, 'registered']] as const) board.versions.set(version, { version, state } as VersionView);
    expect(checkCommand(asked({ kind: 'APPROVE', version: 2 }), board).version).toBe(2);
    expect(() => checkCommand(asked({ kind: 'REJECT', version: 1 }), board)).toThrow('is approved already');
    expect(() => checkCommand(asked({ kind: 'REJECT', version: 3 }), board)).toThrow('has no version 3');
    expect(() => checkCommand(asked({ kind: 'APPROVE' }), board)).toThrow("'version' is missing");
  });
});

describe('commandKind', () => {
  it('tells what is not built from what is no command', () => {
    expect(commandKind('RETRAIN')).toBe('RETRAIN');
    expect(() => commandKind('PROMOTE')).toThrow(expect.objectContaining({ code: 'REFUSED' }));
    expect(() => commandKind('FLY')).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  });
});

describe('a key that comes again', () => {
  const issue = (state: CommandsState, command: Asked): Event[] => [...new IssueCommandHandler().decide(state, { event: new IssueCommand(command) } as Read<IssueCommand>, 7)];
  const [issued] = issue(Commands.initial, asked({ version: 2 })) as [CommandIssued];
  const state = Commands.evolve(Commands.initial, issued);

  it('issues nothing more', () => {
    expect(issued).toEqual(new CommandIssued({ ...asked({ version: 2 }), issuedAt: 7 }));
    expect(issue(state, asked({ version: 2 }))).toEqual([]);
    expect(issue(state, asked({ why: 'said otherwise' }))).toEqual([]);
  });

  it('is refused when it asks for something else', () => {
    expect(() => issue(state, asked({ kind: 'ABORT' }))).toThrow(expect.objectContaining({ code: 'CONFLICT' }));
    expect(() => issue(state, asked({ version: 3 }))).toThrow('was used to ask for ROLL_BACK of flight-delay');
  });
});

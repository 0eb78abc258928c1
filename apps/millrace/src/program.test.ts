import { describe, expect, it } from '@jest/globals';
import { CommanderError } from 'commander';
import { millraceProgram } from './program.ts';

/** Runs a command line that is refused before anything starts. */
async function refusal(...argv: string[]): Promise<{ error: CommanderError; stderr: string; stdout: string }> {
  const program = millraceProgram();
  let [stderr, stdout] = ['', ''];
  for (const command of [program, ...program.commands]) command.exitOverride().configureOutput({ writeErr: (text) => (stderr += text), writeOut: (text) => (stdout += text) });
  const error = await program.parseAsync(argv, { from: 'user' }).then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof CommanderError)) throw error ?? new Error('it was not refused');
  return { error, stderr, stdout };
}

describe('the command line', () => {
  it('lists its verbs', async () => {
    const { error, stdout } = await refusal('--help');
    expect(error.exitCode).toBe(0);
    for (const verb of ['up', 'apply', 'post', 'status', 'tail', 'rollback', 'rebuild', 'verify', 'demo']) expect(stdout).toMatch(new RegExp(`^  ${verb} `, 'm'));
  });

  it('shows defaults as one would type them', async () => {
    const { stdout } = await refusal('demo', '--help');
    expect(stdout.replace(/\s+/g, ' ')).toContain('(default: 2001-01-21)');
  });

  it.each([
    [['dmeo'], 'Did you mean demo?'],
    [['apply'], "missing required argument 'file'"],
    [['demo', 'trains'], "there is no story 'trains'"],
    [['demo', 'flights', '--from', '2001-02-30'], 'a day is expected'],
    [['demo', 'flights', '--from', '2001-01-03', '--to', '2001-01-02'], '--from is after --to'],
    [['demo', 'flights', '--speed', 'slow'], "or 'max'"],
    [['post', 'trains'], "'trains' cannot be posted"],
    [['tail', 'labels', 'm'], "'labels' cannot be followed"],
    [['verify', '--from', 'yesterday'], 'a time with its zone is expected'],
    [['verify', '--from', '2026-02-01T00:00Z', '--to', '2026-01-01T00:00Z'], '--from is after --to'],
    [['status', '--yaml'], "unknown option '--yaml'"],
  ])('refuses %j with a reason on stderr', async (argv, reason) => {
    const { error, stderr, stdout } = await refusal(...argv);
    expect(stderr).toContain(reason);
    expect(stdout).toBe('');
    expect(error.exitCode).not.toBe(0);
  });
});

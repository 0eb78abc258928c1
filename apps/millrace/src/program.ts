import { readFileSync } from 'node:fs';
import { Command } from 'commander';
import { applyCommand } from './commands/apply.command.ts';
import { demoCommand } from './commands/demo.command.ts';
import { postCommand } from './commands/post.command.ts';
import { rebuildCommand } from './commands/rebuild.command.ts';
import { rollbackCommand } from './commands/rollback.command.ts';
import { statusCommand } from './commands/status.command.ts';
import { tailCommand } from './commands/tail.command.ts';
import { upCommand } from './commands/up.command.ts';
import { verifyCommand } from './commands/verify.command.ts';

/** The command line: each verb is a file of `commands`, which loads what it needs when it runs. */
export function millraceProgram(): Command {
  const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string };
  const program = new Command('millrace')
    .description('One log of events drives features, predictions, monitoring, retraining and rollout.')
    .version(version, '-V, --version')
    .showSuggestionAfterError()
    .addHelpText('after', "\nBegin with 'millrace demo flights'. Exit codes: 0 done, 1 failed, 2 refused or wrongly asked.");
  for (const command of [upCommand(), applyCommand(), postCommand(), statusCommand(), tailCommand(), rollbackCommand(), rebuildCommand(), verifyCommand(), demoCommand()]) {
    program.addCommand(command.showHelpAfterError("(see 'millrace " + command.name() + " --help')"));
  }
  return program;
}

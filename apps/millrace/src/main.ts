#!/usr/bin/env node
import { CommanderError } from 'commander';
import { millraceProgram } from './program.ts';
import { errorText, exitCodeOf } from './terminal/print-error.ts';

const program = millraceProgram();
for (const command of [program, ...program.commands]) command.exitOverride();
try {
  await program.parseAsync();
  process.exit();
} catch (error) {
  // Help and version end by an error of code 0; commander has printed all that it has to say.
  if (error instanceof CommanderError) process.exit(error.exitCode === 0 ? 0 : 2);
  console.error(errorText(error, process.argv.includes('--verbose')));
  process.exit(exitCodeOf(error));
}

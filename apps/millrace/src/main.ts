#!/usr/bin/env node
import { setFlagsFromString } from 'node:v8';
import { CommanderError } from 'commander';
import { millraceProgram } from './program.ts';
import { errorText, exitCodeOf } from './terminal/print-error.ts';

if (Number(process.versions.node.split('.')[0]) < 24) {
  console.error(`error: Node ${process.versions.node} is too old\n hint: run it by node_modules/.bin/node, or by npm start`);
  process.exit(2);
}
// Records live shortly and come by the thousand: a large young generation would only make this process large.
setFlagsFromString('--max-semi-space-size=4');

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

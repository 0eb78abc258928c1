import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { daysFault, withFlightsOptions, type FlightsOptions } from './flights-options.ts';

interface DemoOptions extends FlightsOptions {
  readonly dataDir: string;
  readonly exit?: boolean;
  readonly report?: string;
  readonly verbose?: boolean;
}

export function demoCommand(): Command {
  return withFlightsOptions(
    new Command('demo')
      .description('start everything, post real flights of 2001, and tell what the platform makes of them')
      .argument('<story>', "'flights'"),
  )
    .option('--hold', 'stand still at each midnight until no training, gate or staging runs (default unless --speed max)')
    .option('--no-hold', 'never stand still')
    .addOption(dataDirOption())
    .option('--exit', 'stop everything when the story is told; exit code 0 only if every check held')
    .option('--report <file>', 'write checks and figures as JSON')
    .option('--verbose', 'show all that the services say, not only warnings and errors')
    .addHelpText('after', '\nA second start goes on behind the last minute that was posted. Ctrl-C stops everything in order.')
    .action(async (story: string, options: DemoOptions, command: Command) => {
      if (story !== 'flights') command.error(`error: there is no story '${story}', only 'flights'`, { exitCode: 2 });
      const fault = daysFault(options);
      if (fault) command.error(`error: ${fault}`, { exitCode: 2 });
      const { runDemo } = await import('../story/run-demo.ts');
      const { from, to, speed, dataDir, report, exit = false, verbose = false, hold = speed > 0 } = options;
      process.exitCode = await runDemo({ from, to, speed, hold, dataDir, reportFile: report, exit, verbose });
    });
}

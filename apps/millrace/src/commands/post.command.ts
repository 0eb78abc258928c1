import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';
import { daysFault, withFlightsOptions, type FlightsOptions } from './flights-options.ts';

export function postCommand(): Command {
  return withFlightsOptions(new Command('post').description('post recorded flights, as any producer would').argument('<what>', "'flights'"))
    .option('--hold', 'stand still at each midnight until no training, gate or staging runs', false)
    .addOption(dataDirOption())
    .addHelpText('after', '\nGoes on behind the last minute that was posted.')
    .action(async (what: string, options: FlightsOptions & { dataDir: string }, command: Command) => {
      if (what !== 'flights') command.error(`error: '${what}' cannot be posted, only 'flights'`, { exitCode: 2 });
      const fault = daysFault(options);
      if (fault) command.error(`error: ${fault}`, { exitCode: 2 });
      const { runPost } = await import('../poster/run-post.ts');
      await runPost({ from: options.from, to: options.to, speed: options.speed, hold: options.hold ?? false, dataDir: options.dataDir });
    });
}

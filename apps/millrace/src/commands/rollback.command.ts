import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';

export function rollbackCommand(): Command {
  return new Command('rollback')
    .description('withdraw the version that is taking over, else go back to the champion before')
    .argument('<model>', 'name of the model')
    .option('--why <reason>', 'reason, for the record', 'asked for on the command line')
    .addOption(dataDirOption())
    .addHelpText('after', '\nEnds with 0 when all slots answer by the new route, 1 when some do not after 10 s, 2 when there is nothing to go back to.')
    .action(async (model: string, { why, dataDir }: { why: string; dataDir: string }) => {
      const [{ addressOf, requireRunning }, { ConsoleClient }, { whoAsks }, { rollBack }] = await Promise.all([
        import('../client/console-address.ts'),
        import('../client/console-client.ts'),
        import('../client/who.ts'),
        import('../client/roll-back.ts'),
      ]);
      const client = new ConsoleClient(addressOf(requireRunning(dataDir), 'console'));
      const { version, epoch } = await rollBack(client, model, whoAsks(), why, performance);
      console.log(`version ${version} of ${model} is withdrawn: all slots answer by route epoch ${epoch}`);
    });
}

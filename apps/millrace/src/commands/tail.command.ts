import { Command, Option } from 'commander';
import { parseCount } from './arguments.ts';
import { dataDirOption } from './data-dir-option.ts';

export function tailCommand(): Command {
  return new Command('tail')
    .description('print predictions as they are committed, one JSON object per line')
    .argument('<what>', "'predictions'")
    .argument('<model>', 'name of the model')
    .addOption(new Option('--from-beginning', 'begin with the first one that is kept'))
    .option('--limit <count>', 'end after so many', parseCount)
    .addOption(dataDirOption())
    .action(async (what: string, model: string, options: { fromBeginning?: boolean; limit?: number; dataDir: string }, command: Command) => {
      if (what !== 'predictions') command.error(`error: '${what}' cannot be followed, only 'predictions'`, { exitCode: 2 });
      const [{ tailPredictions }, { requireRunning }] = await Promise.all([import('../client/tail-predictions.ts'), import('../client/console-address.ts')]);
      const ended = new AbortController();
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => ended.abort());
      // A reader like `head` that has enough closes the pipe.
      process.stdout.on('error', () => ended.abort());
      await tailPredictions({ ...requireRunning(options.dataDir), model, fromBeginning: options.fromBeginning ?? false, limit: options.limit ?? Infinity, signal: ended.signal, print: (line) => process.stdout.write(`${line}\n`) });
    });
}

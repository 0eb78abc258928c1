import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';

export function statusCommand(): Command {
  return new Command('status')
    .description('show brokers, doors, processes, lag, champions, route epochs and running jobs')
    .option('--json', 'as one JSON object')
    .addOption(dataDirOption())
    .action(async ({ json = false, dataDir }: { json?: boolean; dataDir: string }) => {
      const [{ requireRunning }, { platformOverview }, { overviewText }, { DataDirectory }] = await Promise.all([
        import('../client/console-address.ts'),
        import('../client/platform-overview.ts'),
        import('../terminal/overview-text.ts'),
        import('../supervisor/data-directory.ts'),
      ]);
      const overview = await platformOverview(requireRunning(dataDir), new DataDirectory(dataDir).path);
      console.log(json ? JSON.stringify(overview, undefined, 2) : overviewText(overview));
    });
}

import { Command } from 'commander';
import type { RebuildReport } from '../client/rebuild-difference.ts';
import { dataDirOption } from './data-dir-option.ts';

export function rebuildCommand(): Command {
  return new Command('rebuild')
    .description('fold the log into a second schema of the database and print how it differs from the one in use')
    .addOption(dataDirOption())
    .action(async ({ dataDir }: { dataDir: string }) => {
      const [{ addressOf, requireRunning }, { askDoor }, { differenceText }] = await Promise.all([
        import('../client/console-address.ts'),
        import('../client/http-door.ts'),
        import('../client/rebuild-difference.ts'),
      ]);
      const report = (await askDoor(addressOf(requireRunning(dataDir), 'registry'), 'POST', '/rebuild', {})) as RebuildReport;
      console.log(differenceText(report));
      if (report.differences.length > 0) process.exitCode = 1;
    });
}

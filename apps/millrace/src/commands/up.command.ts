import { Command } from 'commander';
import { dataDirOption } from './data-dir-option.ts';

export function upCommand(): Command {
  return new Command('up')
    .description('start Kafka, PostgreSQL and all services on this machine, and keep them running')
    .addOption(dataDirOption())
    .option('--verbose', 'show all that the services say, not only warnings and errors')
    .addHelpText('after', '\nKAFKA_BROKERS and DATABASE_URL replace the embedded Kafka and PostgreSQL by running ones.')
    .action(async ({ dataDir, verbose = false }: { dataDir: string; verbose?: boolean }) => {
      const [{ LocalCluster }, { DataDirectory }, { Screen }, { clusterLines }, { runUntilSignal }] = await Promise.all([
        import('../supervisor/local-cluster.ts'),
        import('../supervisor/data-directory.ts'),
        import('../terminal/screen.ts'),
        import('../terminal/cluster-lines.ts'),
        import('../terminal/run-until-signal.ts'),
      ]);
      const screen = new Screen(process.stdout);
      const cluster = new LocalCluster(new DataDirectory(dataDir), clusterLines(screen, verbose), process.env);
      await runUntilSignal(cluster, screen, async () => {
        await cluster.start();
        screen.line(`everything is up: Kafka ${cluster.brokers}, console http://127.0.0.1:${cluster.states['console']?.port}; Ctrl-C stops it`);
        return new Promise<never>(() => undefined);
      });
    });
}

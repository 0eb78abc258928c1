import { Command } from 'commander';
import { parseInstant } from './arguments.ts';
import { dataDirOption } from './data-dir-option.ts';

interface VerifyOptions {
  readonly from?: number;
  readonly to?: number;
  readonly settled?: boolean;
  readonly report?: string;
  readonly dataDir: string;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description('read the whole log and the archive with a reader that is not ours, and judge every promise')
    .option('--from <time>', 'judge what was appended from this time on, like 2026-01-31T08:00:00Z', parseInstant)
    .option('--to <time>', 'judge what was appended up to this time', parseInstant)
    .option('--settled', 'nothing is on its way any more: whatever has no answer counts as lost, and no training, rollout or file of the archive may be open')
    .option('--report <file>', 'write checks and figures as JSON')
    .addOption(dataDirOption())
    .addHelpText(
      'after',
      '\nEverything is read in any case, since later records name earlier ones: bounds say only which records are judged. While events flow,' +
        '\nthe end of each partition may still be on its way and is counted apart. Needs kcat. Exit codes: 0 every promise holds, 1 one is broken.',
    )
    .action(async ({ from = -Infinity, to = Infinity, settled = false, report, dataDir }: VerifyOptions, command: Command) => {
      if (from > to) command.error('error: --from is after --to', { exitCode: 2 });
      const [{ requireRunning }, { verifyRunning }, { verdictLines }, { Screen }, { writeReport }] = await Promise.all([
        import('../client/console-address.ts'),
        import('../client/verify-running.ts'),
        import('../terminal/verdict-lines.ts'),
        import('../terminal/screen.ts'),
        import('../report/write-report.ts'),
      ]);
      const screen = new Screen(process.stderr);
      let shown = -Infinity;
      const verdict = await verifyRunning(requireRunning(dataDir), {
        bounds: { from, to },
        settled,
        onProgress: ({ topic, records, of }) => {
          const text = `reading ${topic}: ${Math.floor((100 * records) / Math.max(1, of))} %`;
          if (screen.isTerminal) return screen.status(text);
          if (performance.now() - shown < 5000) return;
          shown = performance.now();
          screen.line(text);
        },
      });
      screen.status('');
      for (const line of verdictLines(verdict)) console.log(line);
      if (report !== undefined) {
        const { ok, checks, figures } = verdict;
        writeReport(report, { ok, checks: checks.map(({ name, ok: holds, value, limit, judged, fewest, detail, violations }) => ({ name, ok: holds, value, limit, judged, fewest, ...(detail ? { detail } : {}), violations })), figures });
      }
      if (!verdict.ok) process.exitCode = 1;
    });
}

import { DataDirectory } from '../supervisor/data-directory.ts';
import { LocalCluster } from '../supervisor/local-cluster.ts';
import { clusterLines } from '../terminal/cluster-lines.ts';
import { runUntilSignal } from '../terminal/run-until-signal.ts';
import { Screen } from '../terminal/screen.ts';
import { PhaseClock } from './phase-clock.ts';
import { tellStory, type StoryTold } from './tell-story.ts';

export interface DemoOptions extends StoryTold {
  readonly dataDir: string;
  /** Stop when the story is told. */
  readonly exit: boolean;
  readonly verbose: boolean;
}

/** @returns exit code: 0 when the story was told and every check held, 1 when not, 130 when it was interrupted before its end */
export async function runDemo(options: DemoOptions): Promise<number> {
  const screen = new Screen(process.stdout);
  const phases = new PhaseClock(() => performance.now(), process.env['MILLRACE_PHASES']);
  const local = new LocalCluster(new DataDirectory(options.dataDir), clusterLines(screen, options.verbose), process.env);
  let code = 130;
  await runUntilSignal(local, screen, async (signal) => {
    await phases.time('start', () => local.start());
    const { ok } = await tellStory(local, options, screen, phases, signal);
    code = ok ? 0 : 1;
    if (options.exit) return;
    screen.line(`everything stays up: console http://127.0.0.1:${local.states['console']?.port}, Kafka ${local.brokers}; Ctrl-C stops it`);
    await new Promise<never>(() => undefined);
  });
  return code;
}

import { MillraceError } from '@millrace/contracts';
import { KafkaCluster } from '@millrace/messaging';
import { addressOf } from '../client/console-address.ts';
import { ConsoleClient } from '../client/console-client.ts';
import { loadDefinitions } from '../client/load-definitions.ts';
import { standingOf } from '../client/standing.ts';
import { workspaceOf } from '../client/workspace.ts';
import { Hold } from '../poster/hold.ts';
import { postFlights } from '../poster/post-flights.ts';
import { untilQuiet } from '../poster/quiet.ts';
import { judge, type Judgement } from '../report/all-checks.ts';
import { collectEvidence } from '../report/collect-evidence.ts';
import { figuresOf } from '../report/figures.ts';
import { writeReport } from '../report/write-report.ts';
import type { LocalCluster } from '../supervisor/local-cluster.ts';
import { minuteText } from '../terminal/figures.ts';
import type { Screen } from '../terminal/screen.ts';
import { flightDefinitions, flightModel, flightStreams, goldenFlights } from './flights.ts';
import { LiveView } from './live-view.ts';
import { MemoryPeaks } from './memory-peaks.ts';
import type { PhaseClock } from './phase-clock.ts';
import { summaryLines } from './summary.ts';

const dayMs = 86_400_000;
const drainWithinMs = 60_000;

export interface StoryTold {
  readonly from: number;
  readonly to: number;
  /** Real milliseconds per day; 0 = as fast as it goes. */
  readonly speed: number;
  readonly hold: boolean;
  readonly reportFile: string | undefined;
}

/** Tells the story of the flights on a cluster that is up: applies the definitions, posts, shows what happens, judges. */
export async function tellStory(local: LocalCluster, options: StoryTold, screen: Screen, phases: PhaseClock, signal: AbortSignal): Promise<Judgement> {
  const { from, to, speed, hold: holds, reportFile } = options;
  const workspace = workspaceOf(process.env);
  const client = new ConsoleClient(addressOf({ services: local.states }, 'console'));
  const cluster = new KafkaCluster({ brokers: local.brokers.split(','), clientId: 'millrace-story' });
  const memory = new MemoryPeaks(() => local.processes);
  const look = () => standingOf({ services: local.states });
  try {
    const { json } = await loadDefinitions(flightDefinitions());
    const applied = await phases.time('apply', () => client.apply(json, 'millrace demo'));
    screen.line(`definitions ${applied.hash.slice(0, 8)} ${applied.changed ? 'applied' : 'were in force already'}: model ${flightModel}, streams ${flightStreams.map(({ name }) => name).join(' and ')}`);
    const topics = [
      ...flightStreams.map(({ name }) => ({ what: 'events', topic: workspace.topic('events.<stream>', { stream: name }) })),
      ...(['feature-vectors', 'predictions', 'labels'] as const).map((name) => ({ what: name === 'feature-vectors' ? 'vectors' : name, topic: workspace.topic(`${name}.<model>`, { model: flightModel }) })),
    ];
    const view = await LiveView.open({ screen, cluster, client, model: flightModel, topics, from, to: to + dayMs });
    try {
      const hold = new Hold(look, view);
      const onStart = (resumeAt: number | undefined): void => {
        if (resumeAt === undefined) return;
        view.reached(resumeAt);
        screen.line(`going on behind ${minuteText(resumeAt)}, which was posted before`);
      };
      const posted = await phases.time('posting', () =>
        postFlights({ cluster, client, from, to, speed, hold: holds ? hold.atMidnight : undefined, onStart, onProgress: (time) => view.reached(time), onTrouble: (error) => view.warn(error.message), signal }),
      );
      phases.add('posting', -hold.seconds);
      phases.add('holding', hold.seconds);
      if (posted === 0) screen.line('all of it was posted before: the story is told');
      await phases.time('draining', () => drain(look, view, signal));
    } finally {
      await view.close();
    }
    screen.status('reading the topics for the report …');
    const story = { from, to, hold: holds, paced: speed > 0 };
    const evidence = await phases.time('report', () => collectEvidence({ cluster, workspace, artifacts: local.directory.artifacts, model: flightModel, story, golden: goldenFlights() }));
    const judgement = judge(evidence, story);
    memory.sample();
    const run = { seconds: phases.seconds, peakMemory: memory.peaks, restarts: Object.fromEntries(Object.entries(local.states).map(([name, { restarts }]) => [name, restarts])) };
    screen.status('');
    for (const line of summaryLines(evidence, judgement, run)) screen.line(line);
    if (reportFile !== undefined) {
      const { ok, checks, leftOut } = judgement;
      writeReport(reportFile, { ok, checks, leftOut, figures: figuresOf(evidence, run) });
      screen.line(`the report is in ${reportFile}`);
    }
    return judgement;
  } finally {
    memory.close();
    await cluster.close();
  }
}

/** Waits until everything that was posted has gone through. @throws MillraceError NOT_DRAINED */
async function drain(look: () => ReturnType<typeof standingOf>, view: LiveView, signal: AbortSignal): Promise<void> {
  const left = await untilQuiet({ look, onWait: (what) => view.waits(what), signal, withinMs: drainWithinMs });
  view.waits(undefined);
  if (left !== undefined) throw new MillraceError('NOT_DRAINED', `not everything that was posted went through, and for ${drainWithinMs / 1000} s nothing has moved: ${left}`, { hint: "see 'millrace status', and run again with --verbose" });
}

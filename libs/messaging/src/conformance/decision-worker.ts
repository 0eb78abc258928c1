/** One instance of a decider for kill runs: two events for each command, over two topics, with random waits between the protocol's steps. */
import { CommandIssued, PerformanceReported, RetrainRequested } from '@millrace/contracts';
import { KafkaCluster } from '../kafka/cluster.ts';
import { ServiceRuntime } from '../runtime/service-runtime.ts';
import { Findings, report, request } from '../runtime/testing/findings-world.ts';
import { MemorySnapshots } from '../runtime/testing/memory-snapshots.ts';
import { Workspace } from '../workspace.ts';

const [brokers, prefix, instance, sharing, pauseMs] = process.argv.slice(2) as [string, string, string, 'static' | 'group', string];
const say = (text: string): void => void process.stdout.write(`${new Date().toISOString()} ${instance} ${text}\n`);

const runtime = new ServiceRuntime(
  {
    service: 'monitor',
    batchSize: 100,
    streams: [],
    projections: [],
    jobs: [],
    deciders: [
      {
        decider: Findings as never,
        handlers: [
          {
            event: CommandIssued,
            publishes: [PerformanceReported, RetrainRequested],
            observe: (state) => ({ ...(state as object), heard: (state as { heard: number }).heard + 1 }),
            // No memory of what was said: only the transactions keep it from being said twice.
            *decide(_, { event }) {
              const { commandId } = event as CommandIssued;
              yield report(commandId);
              yield request(commandId);
            },
          },
        ],
      },
    ],
  },
  {
    cluster: new KafkaCluster({ brokers: [brokers], clientId: instance }),
    workspace: new Workspace({ prefix, lanes: 1, slots: 1 }),
    snapshots: new MemorySnapshots(),
    log: { info: say, warn: say, error: say },
    now: Date.now,
    instance,
    sharing,
    pause: () => new Promise((resolve) => setTimeout(resolve, Math.random() * Number(pauseMs))),
  },
);
process.on('SIGTERM', () => void runtime.stop().then(() => process.exit(0)));
await runtime.start();
let active = false;
setInterval(() => {
  const running = runtime.states().some(({ state }) => state === 'running');
  if (running !== active) say(running ? 'ACTIVE' : 'PASSIVE');
  active = running;
}, 20);

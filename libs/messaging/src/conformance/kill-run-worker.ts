/** One worker of a kill run: two stages as lanes and slots, shared by membership, with random waits between the protocol's steps. */
import { EventPosted, LabelObserved, PredictionMade, VectorComputed } from '@millrace/contracts';
import { KafkaCluster } from '../kafka/cluster.ts';
import type { StreamHandler } from '../runtime/stream-spec.ts';
import { ServiceRuntime, type ServicePlan } from '../runtime/service-runtime.ts';
import { Workspace } from '../workspace.ts';
import { MergedState, handlePosted } from './merged.state.ts';
import { SnapshotFolder } from './snapshot-folder.ts';
import { TallyState, tallyLabels, tallyVectors } from './tally.state.ts';

const [brokers, prefix, folder, instance, pauseMs] = process.argv.slice(2) as [string, string, string, string, string];
const say = (text: string): void => void process.stdout.write(`${new Date().toISOString()} ${instance} ${text}\n`);
const handler = (event: unknown, publishes: unknown[], handleBatch: unknown): StreamHandler => ({ event, publishes, broadcast: false, handleBatch: async (...args: unknown[]) => (handleBatch as (...a: unknown[]) => unknown)(...args) }) as StreamHandler;

const plan: ServicePlan = {
  service: 'kill-run',
  batchSize: 200,
  streams: [
    { state: MergedState, per: 'lane', handlers: [handler(EventPosted, [VectorComputed, LabelObserved], handlePosted)], newState: () => new MergedState() },
    { state: TallyState, per: 'slot', handlers: [handler(VectorComputed, [PredictionMade], tallyVectors), handler(LabelObserved, [], tallyLabels)], newState: () => new TallyState() },
  ],
  deciders: [],
  projections: [],
  jobs: [],
};
const runtime = new ServiceRuntime(plan, {
  cluster: new KafkaCluster({ brokers: brokers.split(','), clientId: instance }),
  workspace: new Workspace({ prefix, lanes: 1, slots: 4 }),
  snapshots: new SnapshotFolder(folder),
  log: { info: say, warn: say, error: say },
  now: Date.now,
  instance,
  sharing: 'group',
  pause: () => new Promise((resolve) => setTimeout(resolve, Math.random() * Number(pauseMs))),
});
process.on('SIGTERM', () => void runtime.stop().then(() => process.exit(0)));
await runtime.start();
say('started');

/**
 * The hop under test: lanes of a service as `ServiceRuntime` runs them, each record decoded, handed to a handler and encoded again.
 * Arguments: brokers, workspace, lanes, records per transaction at most.
 */
import { EventIngested, EventPosted, type Event } from '@millrace/contracts';
import { KafkaCluster, ServiceRuntime, Snapshots, Workspace, nothingWritten, type Read, type ServicePlan, type StreamState } from '@millrace/messaging';
import { serveFigures } from './worker-figures.ts';

const [, , brokers, prefix, lanes, batchSize] = process.argv as [string, string, string, string, string, string];

class PassState implements StreamState {
  readonly journal = () => nothingWritten;
}

class NoSnapshots extends Snapshots {
  override latest = async () => undefined;
  override write = async () => undefined;
}

function* pass(batch: Iterable<Read>): Generator<Event> {
  for (const read of batch) {
    const { stream, key, value, acceptedAt, source } = read.event as EventPosted;
    yield new EventIngested({ stream, eventId: key!, eventTime: acceptedAt, acceptedAt, source, schemaId: 1000, payload: value! });
  }
}

const plan: ServicePlan = {
  service: 'bench',
  batchSize: Number(batchSize),
  streams: [{ state: PassState, per: 'lane', handlers: [{ event: EventPosted, publishes: [EventIngested], broadcast: false, handleBatch: async (batch) => pass(batch) }], newState: () => new PassState() }],
  deciders: [], projections: [], jobs: [],
};
const say = (text: string): void => console.error(text);
const runtime = new ServiceRuntime(plan, {
  cluster: new KafkaCluster({ brokers: [brokers], clientId: 'bench' }),
  workspace: new Workspace({ prefix, lanes: Number(lanes), slots: 1 }),
  snapshots: new NoSnapshots(), log: { info: () => undefined, warn: say, error: say }, now: Date.now, instance: 'bench', sharing: 'static',
});
serveFigures(() => runtime.stop());
await runtime.start();

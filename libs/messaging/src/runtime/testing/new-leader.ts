import { KafkaCluster } from '../../kafka/cluster.ts';
import type { FetchedPartition } from '../../kafka/fetch-call.ts';
import type { InternalBroker, InternalCluster } from '../../kafka/kafkajs-internals.ts';

const fetchKey = 1;

/**
 * The cluster of the tests as it is right after an election: to a fetch, the log of one topic ends at `end`, although more of it was acknowledged.
 * The whole log is there again when `end` is set to infinity.
 */
export class NewLeader extends KafkaCluster {
  /** How many fetches saw the earlier end. */
  fetches = 0;
  /** How often the leader still refuses to tell its end, as Kafka does in that state (KIP-207). */
  refusals = 0;
  /** Whether it tells the earlier end all the same, as one that does not know yet that it leads no more. */
  isDeposed = false;
  private readonly topic: string;
  private end: number;

  constructor(brokers: string, topic: string, end: number) {
    super({ brokers: [brokers], clientId: 'test' });
    this.topic = topic;
    this.end = end;
  }

  catchUp(): void {
    this.end = Infinity;
  }

  override connection(): InternalCluster {
    const connection = super.connection();
    const [findBroker, ask] = [connection.findBroker.bind(connection), connection.fetchTopicsOffset.bind(connection)];
    connection.findBroker = async (node) => this.seenThrough(await findBroker(node));
    connection.fetchTopicsOffset = async (topics) => {
      if (!topics.some(({ topic }) => topic === this.topic)) return ask(topics);
      if (this.refusals-- > 0) throw Object.assign(new Error('refused'), { type: 'LEADER_NOT_AVAILABLE', retriable: true });
      const answers = await ask(topics);
      if (!this.isDeposed) return answers;
      return answers.map(({ topic, partitions }) => ({ topic, partitions: partitions.map(({ partition, offset }) => ({ partition, offset: topic === this.topic ? String(Math.min(this.end, Number(offset))) : offset })) }));
    };
    return connection;
  }

  private seenThrough(broker: InternalBroker): InternalBroker {
    const { connectionPool } = broker;
    const send: typeof connectionPool.send = async (call) => {
      const answer = await connectionPool.send(call);
      if (call.request.apiKey === fetchKey) for (const fetched of (answer as { partitions: FetchedPartition[] }).partitions) this.cut(fetched);
      return answer;
    };
    return Object.create(broker, { connectionPool: { value: Object.create(connectionPool, { send: { value: send } }) as unknown } }) as InternalBroker;
  }

  private cut(fetched: FetchedPartition): void {
    if (fetched.topic !== this.topic || fetched.lastStableOffset <= this.end) return;
    this.fetches++;
    fetched.highWatermark = fetched.lastStableOffset = this.end;
    let at = 0;
    // A batch begins with its first offset and the number of bytes behind these two fields.
    while (at < fetched.batches.length && Number(fetched.batches.readBigInt64BE(at)) < this.end) at += 12 + fetched.batches.readInt32BE(at + 8);
    fetched.batches = fetched.batches.subarray(0, at);
  }
}

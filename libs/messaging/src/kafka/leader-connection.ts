import { MillraceError } from '@millrace/contracts';
import { abandon } from './abandon.ts';
import type { KafkaCluster } from './cluster.ts';
import { fetchCall, type FetchedPartition, type FetchLimits, type FetchTarget } from './fetch-call.ts';
import { brokerErrorType, kafkaError } from './kafka-error.ts';
import type { InternalCluster } from './kafkajs-internals.ts';
import { withinTime } from './time-limit.ts';

/** The answer to one request, or why there is none. */
export interface Arrival<T extends FetchTarget> {
  readonly targets: readonly T[];
  /** Number of the request. */
  readonly sent: number;
  /** Number of the newest request when the answer arrived. */
  readonly arrived: number;
  readonly partitions: FetchedPartition[];
  readonly error: unknown;
}

interface Outstanding {
  readonly targets: readonly FetchTarget[];
  readonly waits: boolean;
}

const OPEN_TRIES = 10;
/** A poll waits so long at most for a connection: kafkajs tries for more than a minute, and whoever polls has to show a sign of life. */
const CONNECTED_WITHIN_MS = 1000;
const REFRESHED_WITHIN_MS = 10_000;

/** Sends Fetch requests to the leaders of partitions over connections of its own: at most one request per leader at a time. */
export class LeaderConnection<T extends FetchTarget> {
  private readonly cluster: KafkaCluster;
  private readonly limits: Omit<FetchLimits, 'maxWaitMs'>;
  private connection: InternalCluster | undefined;
  private opening: { connection: InternalCluster; connected: Promise<InternalCluster> } | undefined;
  private topics: string[] = [];
  private readonly outstanding = new Map<number, Outstanding>();
  private arrivals: Arrival<T>[] = [];
  private requests = 0;
  private generation = 0;
  private leaders = 1;
  private closed = false;
  private wake: (() => void) | undefined;

  constructor(cluster: KafkaCluster, limits: Omit<FetchLimits, 'maxWaitMs'>) {
    this.cluster = cluster;
    this.limits = limits;
  }

  /** Connects and finds the leaders; waits for topics that have just been created. */
  async open(targets: readonly FetchTarget[]): Promise<void> {
    this.topics = [...new Set(targets.map(({ topic }) => topic))];
    try {
      for (let tries = 1; ; tries++) {
        try {
          const connection = await this.connect();
          for (const { topic, partition } of targets) leaderOf(connection, topic, partition);
          return;
        } catch (error) {
          const isNew = brokerErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION' || (error as MillraceError).code === 'PARTITION_MISSING';
          if (!isNew || tries === OPEN_TRIES) throw error;
          await this.recover(true, 100);
        }
      }
    } catch (error) {
      await this.close();
      if (brokerErrorType(error) === 'UNKNOWN_TOPIC_OR_PARTITION') throw new MillraceError('TOPIC_MISSING', `one of ${this.topics.join(', ')} does not exist`, { cause: error, hint: 'Create the topics before their readers start.' });
      throw kafkaError('KAFKA_UNREACHABLE', `connecting to ${this.cluster.brokers.join(', ')}`, error, 'Check that Kafka runs and that the address is right.');
    }
  }

  /** Sends what is wanted and not asked for already, and waits as `PartitionReader.poll` says. */
  async fetch(wanted: readonly T[], maxWaitMs: number): Promise<Arrival<T>[]> {
    this.assertOpen();
    try {
      const connection = this.connection ?? (await this.connectedSoon());
      this.assertOpen();
      if (!connection) return [];
      const byLeader = new Map<number, T[]>();
      for (const target of wanted) {
        const leader = leaderOf(connection, target.topic, target.partition);
        byLeader.set(leader, [...(byLeader.get(leader) ?? []), target]);
      }
      if (byLeader.size > 0) this.leaders = byLeader.size;
      for (const [leader, targets] of byLeader) if (!this.outstanding.has(leader)) this.send(connection, leader, targets, maxWaitMs);
    } catch (error) {
      this.assertOpen();
      return [{ targets: [], sent: this.requests, arrived: this.requests, partitions: [], error }];
    }
    if (this.outstanding.size === 0 && this.arrivals.length === 0) await this.sleep(maxWaitMs);
    else while (this.mustWait(maxWaitMs)) await new Promise<void>((resolve) => (this.wake = resolve));
    this.assertOpen();
    const arrivals = this.arrivals;
    this.arrivals = [];
    // A caller that asks again at once must not keep the answers from coming in.
    if (arrivals.length === 0) await new Promise((resolve) => setImmediate(resolve));
    return arrivals;
  }

  /** Behind the last record that `read_committed` can read, by `topic/partition`, in one request per leader; undefined while no broker can be reached. @throws what a leader answers */
  async ends(targets: readonly FetchTarget[]): Promise<Map<string, number> | undefined> {
    try {
      const connection = this.connection ?? (await this.connectedSoon());
      this.assertOpen();
      if (!connection) return undefined;
      const asked = this.topics.map((name) => ({ topic: name, partitions: targets.filter(({ topic }) => topic === name).map(({ partition }) => ({ partition })), fromBeginning: false }));
      const answers = await connection.fetchTopicsOffset(asked);
      return new Map(answers.flatMap(({ topic, partitions }) => partitions.map(({ partition, offset }) => [`${topic}/${partition}`, Number(offset)] as const)));
    } catch (error) {
      this.assertOpen();
      throw error;
    }
  }

  /** How many brokers lead the partitions that were asked for last. */
  get spread(): number {
    return this.leaders;
  }

  /** First offset and the one behind the last, as the leader tells now. */
  async range(topic: string, partition: number): Promise<{ low: number; high: number }> {
    const ask = async (fromBeginning: boolean): Promise<number> => {
      const [answer] = await this.connection!.fetchTopicsOffset([{ topic, partitions: [{ partition }], fromBeginning }]);
      return Number(answer!.partitions[0]!.offset);
    };
    return { low: await ask(true), high: await ask(false) };
  }

  /** Waits, then asks for the leaders again: over the same connections, or over new ones after a connection failed. */
  async recover(isConnected: boolean, waitMs: number): Promise<void> {
    if (!isConnected) this.disconnect(new MillraceError('RECONNECTING', 'the connection is opened anew', { retriable: true }));
    await this.sleep(waitMs);
    if (!isConnected || !this.connection) return;
    await withinTime(REFRESHED_WITHIN_MS, this.connection.refreshMetadata(), 'no metadata').catch((error: unknown) => this.disconnect(error as Error));
  }

  async close(): Promise<void> {
    this.closed = true;
    this.disconnect(new MillraceError('READER_CLOSED', 'the reader was closed'));
    this.wake?.();
  }

  private async connect(): Promise<InternalCluster> {
    if (this.connection) return this.connection;
    this.opening ??= this.begin();
    return await this.opening.connected;
  }

  private begin(): { connection: InternalCluster; connected: Promise<InternalCluster> } {
    const connection = this.cluster.connection();
    const connected = (async () => {
      try {
        await connection.connect();
        await connection.addMultipleTargetTopics(this.topics);
        if (this.opening?.connection !== connection) throw new MillraceError('RECONNECTING', 'the connection was given up', { retriable: true });
        return (this.connection = connection);
      } catch (error) {
        abandon(connection, error as Error);
        throw error;
      } finally {
        if (this.opening?.connection === connection) this.opening = undefined;
      }
    })();
    return { connection, connected };
  }

  /** Undefined when the brokers take long, or when this is closed meanwhile; connecting goes on. */
  private async connectedSoon(): Promise<InternalCluster | undefined> {
    try {
      return await Promise.race([this.connect(), this.sleep(CONNECTED_WITHIN_MS).then(() => undefined)]);
    } finally {
      this.wake?.();
    }
  }

  private send(connection: InternalCluster, leader: number, targets: readonly T[], maxWaitMs: number): void {
    const sent = ++this.requests;
    const { generation } = this;
    const arrive = (partitions: FetchedPartition[], error: unknown): void => {
      if (generation !== this.generation) return;
      this.outstanding.delete(leader);
      this.arrivals.push({ targets, sent, arrived: this.requests, partitions, error });
      this.wake?.();
    };
    this.outstanding.set(leader, { targets, waits: maxWaitMs > 0 });
    connection
      .findBroker({ nodeId: String(leader) })
      .then((broker) => broker.connectionPool.send(fetchCall(targets, { ...this.limits, maxWaitMs })))
      .then(({ partitions, errorCode }) => arrive(partitions, errorCode === 0 ? undefined : new MillraceError('FETCH_REFUSED', `the broker answers a fetch with error code ${errorCode}`)))
      .catch((error: unknown) => arrive([], error));
  }

  private mustWait(maxWaitMs: number): boolean {
    if (this.closed) return false;
    // Also with 0: a long poll that another leader still holds is all that can bring something.
    if (this.arrivals.length === 0) return this.outstanding.size > 0;
    return maxWaitMs === 0 && [...this.outstanding.values()].some(({ waits }) => !waits);
  }

  /** Drops the connections; what is outstanding is forgotten. */
  private disconnect(reason: Error): void {
    const given = [this.connection, this.opening?.connection];
    this.connection = this.opening = undefined;
    this.generation++;
    this.outstanding.clear();
    for (const connection of given) if (connection) abandon(connection, reason);
  }

  private async sleep(ms: number): Promise<void> {
    if (this.closed || ms <= 0) return;
    let timer: NodeJS.Timeout | undefined;
    await new Promise<void>((resolve) => {
      timer = setTimeout(resolve, ms);
      this.wake = resolve;
    });
    clearTimeout(timer);
  }

  private assertOpen(): void {
    if (this.closed) throw new MillraceError('READER_CLOSED', 'the reader was closed');
  }
}

function leaderOf(connection: InternalCluster, topic: string, partition: number): number {
  const found = connection.findTopicPartitionMetadata(topic).find(({ partitionId }) => partitionId === partition);
  if (!found) throw new MillraceError('PARTITION_MISSING', `${topic}/${partition} does not exist`, { hint: 'Create the topic with as many partitions as its readers expect.' });
  return found.leader;
}

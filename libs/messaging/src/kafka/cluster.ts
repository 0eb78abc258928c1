import net from 'node:net';
import tls from 'node:tls';
import type { Admin, ISocketFactory, Kafka, KafkaConfig } from 'kafkajs';
import { MillraceError } from '@millrace/contracts';
import { abandon } from './abandon.ts';
import { brokerErrorType } from './kafka-error.ts';
import { clusterFactory, type ClusterFactory, type InternalCluster, type RetrySettings } from './kafkajs-internals.ts';
import { rememberCoordinators } from './patches/coordinator-cache.ts';
import { installPatches } from './patches/install-patches.ts';
import { bySoundness } from './patches/silent-connections.ts';
import { withinTime } from './time-limit.ts';

export type KafkaLog = (level: 'error' | 'warn' | 'info' | 'debug', message: string, details: Record<string, unknown>) => void;

export interface KafkaClusterOptions {
  /** `host:port` of one or more brokers. */
  brokers: string[];
  /** Shown in the broker's logs and metrics. */
  clientId: string;
  ssl?: KafkaConfig['ssl'];
  sasl?: KafkaConfig['sasl'];
  /** Replaces how sockets are opened. */
  socketFactory?: ISocketFactory;
  /** Receives what the client library logs; nothing is printed without it. */
  log?: KafkaLog;
  /** Longest wait for an answer before a request counts as failed. Default 8,000. */
  requestTimeoutMs?: number;
}

const RETRY: RetrySettings = { initialRetryTime: 50, maxRetryTime: 1000, retries: 20 };
/** CONCURRENT_TRANSACTIONS right after a commit is normal; waiting long for it would be the whole latency budget. */
const TRANSACTION_RETRY: RetrySettings = { initialRetryTime: 5, maxRetryTime: 200, retries: 40 };
const COORDINATOR_MOVES = new Set(['NOT_COORDINATOR_FOR_GROUP', 'GROUP_COORDINATOR_NOT_AVAILABLE', 'GROUP_LOAD_IN_PROGRESS']);
const COORDINATOR_TRIES = 200;
/** Longest wait for the admin client: making all topics of a workspace takes seconds on a busy cluster. */
const ADMIN_WITHIN_MS = 30_000;
const LEVELS = new Map<number, 'error' | 'warn' | 'info' | 'debug'>([[1, 'error'], [2, 'warn'], [4, 'info'], [5, 'debug']]);
const UNREACHABLE = 'KAFKA_UNREACHABLE';

interface SharedAdmin {
  readonly connected: Promise<Admin>;
  readonly connection: InternalCluster;
  callers: number;
}

/**
 * A Kafka cluster: addresses, credentials and the one patched client that writers, readers and the rest are made from.
 *
 * @example const cluster = new KafkaCluster({ brokers: ['127.0.0.1:9092'], clientId: 'feature-store' });
 */
export class KafkaCluster {
  readonly clientId: string;
  readonly brokers: readonly string[];
  /** The client library's own object; for this folder only. */
  readonly kafka: Kafka;
  private readonly create: ClusterFactory;
  private creating: ((cluster: InternalCluster) => void) | undefined;
  private sharedAdmin: SharedAdmin | undefined;

  /** @throws MillraceError `BROKERS_INVALID`, `KAFKAJS_CHANGED` or `KAFKAJS_LOADED_EARLIER` */
  constructor(options: KafkaClusterOptions) {
    const wrong = options.brokers.find((broker) => !/^[^\s:]+:\d{1,5}$/.test(broker));
    if (options.brokers.length === 0 || wrong !== undefined) {
      throw new MillraceError('BROKERS_INVALID', wrong === undefined ? 'no Kafka broker is given' : `'${wrong}' is not the address of a broker`, { hint: 'Give brokers as host:port, for example 127.0.0.1:9092.' });
    }
    const { Kafka: PatchedKafka, logLevel } = installPatches();
    const { log } = options;
    this.clientId = options.clientId;
    this.brokers = options.brokers;
    this.kafka = new PatchedKafka({
      // One address: of several kafkajs takes the next at each try, and would pass over the sound one.
      brokers: () => bySoundness(options.brokers).slice(0, 1),
      clientId: options.clientId,
      ...(options.ssl === undefined ? {} : { ssl: options.ssl }),
      ...(options.sasl === undefined ? {} : { sasl: options.sasl }),
      socketFactory: options.socketFactory ?? openSocket,
      connectionTimeout: 3000,
      requestTimeout: options.requestTimeoutMs ?? 8000,
      retry: { ...RETRY, restartOnFailure: async () => true },
      logLevel: log ? logLevel.WARN : logLevel.NOTHING,
      logCreator: () => ({ namespace, level, log: { message, ...details } }) => log?.(LEVELS.get(level) ?? 'info', `${namespace}: ${message}`, details),
    });
    const factory = clusterFactory(this.kafka);
    this.create = factory.create;
    factory.replace((created) => {
      const cluster = factory.create(created);
      this.creating?.(cluster);
      return cluster;
    });
  }

  /** A cluster object of its own: its own connections and metadata, for reads. */
  connection(): InternalCluster {
    return this.create({ metadataMaxAge: 300_000, allowAutoTopicCreation: false, isolationLevel: 1 });
  }

  /** A producer together with the cluster object it owns. Coordinators are remembered, so it must be dropped after any error. */
  transactionalProducer(transactionalId: string, transactionTimeout: number) {
    const { made, cluster } = this.owning(
      // Without `idempotent` connect() spares the producer id that transactions never use; they are idempotent regardless.
      () => this.kafka.producer({ transactionalId, transactionTimeout, maxInFlightRequests: 1, allowAutoTopicCreation: false, retry: TRANSACTION_RETRY, createPartitioner: explicitOnly }),
      (own) => {
        own.retry = TRANSACTION_RETRY;
        rememberCoordinators(own);
      },
    );
    return { producer: made, cluster };
  }

  /** A producer together with the cluster object it owns. */
  idempotentProducer(retry: RetrySettings) {
    const { made, cluster } = this.owning(() => this.kafka.producer({ idempotent: true, maxInFlightRequests: 1, allowAutoTopicCreation: false, retry, createPartitioner: explicitOnly }));
    return { producer: made, cluster };
  }

  /** Calls the admin client that all parts of this process share. After an error that is not the broker's answer the next call gets a new one; those under way end with the old one. */
  async withAdmin<Result>(use: (admin: Admin) => Promise<Result>): Promise<Result> {
    const shared = (this.sharedAdmin ??= this.connectAdmin());
    shared.callers++;
    try {
      return await withinTime(ADMIN_WITHIN_MS, shared.connected.then(use), 'no answer');
    } catch (error) {
      const isAnswer = brokerErrorType(error) !== undefined && (error as MillraceError).code !== UNREACHABLE;
      if (!isAnswer && this.sharedAdmin === shared) this.sharedAdmin = undefined;
      throw error;
    } finally {
      shared.callers--;
      if (this.sharedAdmin !== shared && shared.callers === 0) abandon(shared.connection, new Error('the admin client was given up'));
    }
  }

  /** Offsets of a group; waits while its coordinator loads or moves, as it does right after a broker's start. */
  async fetchOffsets(groupId: string, topics: string[]): ReturnType<Admin['fetchOffsets']> {
    for (let tries = 1; ; tries++) {
      try {
        return await this.withAdmin((admin) => admin.fetchOffsets({ groupId, topics }));
      } catch (error) {
        if (!COORDINATOR_MOVES.has(brokerErrorType(error) ?? '') || tries === COORDINATOR_TRIES) throw error;
        await new Promise((resolve) => setTimeout(resolve, 50));
      }
    }
  }

  /** Closes what the cluster object itself has opened; writers and readers close themselves. */
  async close(): Promise<void> {
    const admin = this.sharedAdmin;
    this.sharedAdmin = undefined;
    await admin?.connected.then((connected) => connected.disconnect()).catch(() => undefined);
  }

  private connectAdmin(): SharedAdmin {
    const { made: admin, cluster } = this.owning(() => this.kafka.admin());
    const connected = admin.connect().then(
      () => admin,
      (cause: unknown) => {
        throw new MillraceError(UNREACHABLE, `no broker of ${this.brokers.join(', ')} answers`, { cause, retriable: true, hint: 'Check that Kafka runs and that the address is right.' });
      },
    );
    return { connected, connection: cluster, callers: 0 };
  }

  /** What the client library makes, with the cluster object that it makes for it. */
  private owning<Made>(make: () => Made, prepare: (cluster: InternalCluster) => void = () => undefined): { made: Made; cluster: InternalCluster } {
    let own: InternalCluster | undefined;
    this.creating = (cluster) => prepare((own = cluster));
    try {
      return { made: make(), cluster: own! };
    } finally {
      this.creating = undefined;
    }
  }
}

/** Every message names its partition; choosing one by key would hide a missing one. */
function explicitOnly() {
  return ({ message }: { message: { partition?: number } }): number => {
    if (message.partition === undefined) throw new MillraceError('PARTITION_MISSING', 'a message has no partition');
    return message.partition;
  };
}

function openSocket({ host, port, ssl, onConnect }: Parameters<ISocketFactory>[0]): net.Socket {
  const socket = ssl
    ? tls.connect({ host, port, ...(net.isIP(host) ? {} : { servername: host }), ...ssl }, onConnect)
    : net.connect({ host, port }, onConnect);
  // Requests are small and wait for their answer: collecting them only adds latency.
  socket.setNoDelay(true);
  socket.setKeepAlive(true, 60_000);
  return socket;
}

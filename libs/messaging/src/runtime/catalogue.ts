import { DefinitionApplied, MillraceError, WorkspaceCreated, type Event } from '@millrace/contracts';
import type { KafkaCluster } from '../kafka/cluster.ts';
import { PartitionReader } from '../kafka/partition-reader.ts';
import type { Workspace } from '../workspace.ts';
import { decodeRecords, type InputTopic } from './decoding.ts';
import type { LoopLog } from './loop-log.ts';

/** Names that are declared now: which per-stream and per-model topics exist. */
export interface Declared {
  /** Names of the streams; each stands behind those in its `after`. */
  readonly streams: readonly string[];
  readonly models: readonly string[];
}

/** What a catalogue tells. */
export interface CatalogueListener {
  /** What is declared has changed; one call at a time, and again until it succeeds. */
  changed(declared: Declared): Promise<void>;
  /** The workspace is another one than this service was started for: it must not go on. */
  differs(error: MillraceError): void;
}

const retryMs = 500;

/** Follows `definitions` and says which streams and models there are. */
export class Catalogue {
  private readonly cluster: KafkaCluster;
  private readonly workspace: Workspace;
  private readonly log: LoopLog;
  private readonly listener: CatalogueListener;
  private declared: Declared = { streams: [], models: [] };
  private announced: Declared | undefined;
  private position = 0;
  private stopping = false;
  private reader: PartitionReader | undefined;
  private failure: Error | undefined;

  constructor(deps: { cluster: KafkaCluster; workspace: Workspace; log: LoopLog }, listener: CatalogueListener) {
    this.cluster = deps.cluster;
    this.workspace = deps.workspace;
    this.log = deps.log;
    this.listener = listener;
  }

  /** Why it cannot follow at the moment; undefined while it can. */
  get trouble(): Error | undefined {
    return this.failure;
  }

  /** Reads to the end and announces it, then each change. @throws MillraceError WORKSPACE_DIFFERS, UNDECODABLE, KAFKA_UNREACHABLE … */
  async start(): Promise<void> {
    while (!(await this.poll(0))) continue;
    await this.announce();
    void this.follow();
  }

  /** Nothing is announced afterwards. Does not wait for a broker that is being connected to. */
  async stop(): Promise<void> {
    this.stopping = true;
    await this.reader?.close();
  }

  private async follow(): Promise<void> {
    while (!this.stopping) {
      try {
        await this.poll(1000);
        await this.announce();
        this.failure = undefined;
      } catch (error) {
        if (this.stopping) return;
        await this.recover(error as Error);
      }
    }
  }

  private async recover(error: Error): Promise<void> {
    if (error instanceof MillraceError && error.code === 'WORKSPACE_DIFFERS') return this.listener.differs(error);
    if (error.message !== this.failure?.message) this.log.warn(`definitions cannot be followed: ${error.message}; trying again`);
    this.failure = error;
    await this.reader?.close();
    this.reader = undefined;
    await new Promise((resolve) => setTimeout(resolve, retryMs));
  }

  private async announce(): Promise<void> {
    const { declared } = this;
    if (declared === this.announced || this.stopping) return;
    await this.listener.changed(declared);
    this.announced = declared;
  }

  /** True when the end was reached. */
  private async poll(maxWaitMs: number): Promise<boolean> {
    const input: InputTopic = { name: this.workspace.topic('definitions'), topic: 'definitions', partition: 0 };
    this.reader ??= await PartitionReader.open(this.cluster, [{ topic: input.name, partition: 0, offset: this.position }]);
    if (this.stopping) await this.reader.close();
    let atEnd = false;
    for (const batch of await this.reader.poll({ maxWaitMs })) {
      for (const read of decodeRecords(input, batch.records)) this.fold(read.event);
      this.position = batch.next;
      atEnd = batch.atEnd;
    }
    return atEnd;
  }

  private fold(event: Event): void {
    if (event instanceof WorkspaceCreated) {
      const { lanes, slots } = this.workspace;
      if (event.lanes !== lanes || event.slots !== slots)
        throw new MillraceError('WORKSPACE_DIFFERS', `this workspace has ${event.lanes} lanes with ${event.slots} slots, not ${lanes} with ${slots}`, { hint: `set MILLRACE_LANES=${event.lanes} and MILLRACE_SLOTS=${event.slots}, or use another MILLRACE_WORKSPACE` });
    }
    if (event instanceof DefinitionApplied) this.declared = declaredIn(event.definitions);
  }
}

/**
 * Names in a canonical definition set.
 * @example declaredIn('{"streams":[{"name":"b","after":["a"]},{"name":"a"}],"models":[]}').streams // ['a', 'b']
 */
export function declaredIn(definitions: string): Declared {
  const set = JSON.parse(definitions) as { streams: { name: string; after?: string[] }[]; models: { name: string }[] };
  const streams: string[] = [];
  const place = (name: string, waiting: readonly string[]): void => {
    // Streams that stand behind each other in a circle keep the order in which they are listed.
    if (streams.includes(name) || waiting.includes(name)) return;
    const stream = set.streams.find((candidate) => candidate.name === name);
    for (const earlier of stream?.after ?? []) place(earlier, [...waiting, name]);
    if (stream) streams.push(name);
  };
  for (const stream of set.streams) place(stream.name, []);
  return { streams, models: set.models.map((model) => model.name) };
}

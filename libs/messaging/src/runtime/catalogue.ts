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

/** Follows `definitions` and says which streams and models there are. */
export class Catalogue {
  private readonly cluster: KafkaCluster;
  private readonly workspace: Workspace;
  private readonly log: LoopLog;
  private declared: Declared = { streams: [], models: [] };
  private position = 0;
  private stopping = false;
  private reader: PartitionReader | undefined;
  private following: Promise<void> | undefined;

  constructor(deps: { cluster: KafkaCluster; workspace: Workspace; log: LoopLog }) {
    this.cluster = deps.cluster;
    this.workspace = deps.workspace;
    this.log = deps.log;
  }

  /** Reads to the end, then calls back with each change, one call at a time. */
  async start(changed: (declared: Declared) => Promise<void>): Promise<void> {
    while (!(await this.poll(0))) continue;
    await changed(this.declared);
    this.following = this.follow(changed);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    await this.reader?.close();
    await this.following;
  }

  private async follow(changed: (declared: Declared) => Promise<void>): Promise<void> {
    while (!this.stopping) {
      const before = this.declared;
      try {
        await this.poll(1000);
        if (this.declared !== before) await changed(this.declared);
      } catch (error) {
        if (this.stopping) return;
        this.log.warn(`definitions cannot be followed: ${(error as Error).message}; trying again`);
        await this.reader?.close();
        this.reader = undefined;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
    }
  }

  /** True when the end was reached. */
  private async poll(maxWaitMs: number): Promise<boolean> {
    const input: InputTopic = { name: this.workspace.topic('definitions'), topic: 'definitions', partition: 0 };
    this.reader ??= await PartitionReader.open(this.cluster, [{ topic: input.name, partition: 0, offset: this.position }]);
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

/** Names in a canonical definition set. */
export function declaredIn(definitions: string): Declared {
  const set = JSON.parse(definitions) as { streams: { name: string; after?: string[] }[]; models: { name: string }[] };
  const streams: string[] = [];
  const place = (name: string): void => {
    if (streams.includes(name)) return;
    for (const earlier of set.streams.find((stream) => stream.name === name)?.after ?? []) place(earlier);
    streams.push(name);
  };
  for (const stream of set.streams) place(stream.name);
  return { streams, models: set.models.map((model) => model.name) };
}

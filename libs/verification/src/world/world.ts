import type { SeenRecord } from '../check.ts';
import type { LogRange } from '../history/log-record.ts';
import { topicOf, type TopicKind } from '../history/topic-kind.ts';
import { DeclaredSets } from './declared-sets.ts';
import { LaneTable } from './lane-table.ts';
import { RouteTable } from './route-table.ts';
import { SourceTable } from './source-table.ts';

/** What the records so far say, in compact tables: what the checks look references up in. */
export class World {
  readonly declared = new DeclaredSets();
  readonly routes = new RouteTable();
  /** Posted records by `events.<stream>/<partition>`. */
  readonly sources = new Map<string, SourceTable>();
  /** By partition of event-ingested. */
  readonly lanes = new Map<number, LaneTable>();
  /** Whether everything that was posted has been answered: then nothing may still be on its way. */
  readonly settled: boolean;
  private readonly ranges = new Map<string, LogRange>();

  constructor(ranges: readonly LogRange[], settled: boolean) {
    this.settled = settled;
    for (const range of ranges) {
      this.ranges.set(`${range.topic}/${range.partition}`, range);
      const kind = topicOf(range.topic)?.kind;
      if (kind === 'events') this.sources.set(`${range.topic}/${range.partition}`, new SourceTable(range));
      if (kind === 'event-ingested') this.lanes.set(range.partition, new LaneTable(range, this.declared));
    }
  }

  rangesOf(topic: string): LogRange[] {
    return [...this.ranges.values()].filter((range) => range.topic === topic);
  }

  rangesOfKind(kind: TopicKind): LogRange[] {
    return [...this.ranges.values()].filter(({ topic }) => topicOf(topic)?.kind === kind);
  }

  range(topic: string, partition: number): LogRange | undefined {
    return this.ranges.get(`${topic}/${partition}`);
  }

  /** The lane that a slot belongs to. */
  laneOf(slot: number): LaneTable | undefined {
    return this.lanes.get(Math.floor(slot / this.declared.slots));
  }

  /** Events of a model with vector and label that happened at this time or later, over all lanes. */
  labelled(model: string, since: number): number {
    return [...this.lanes.values()].reduce((sum, lane) => sum + lane.labelled(model, since), 0);
  }

  take(record: SeenRecord): void {
    const { kind, event } = record;
    if (kind === 'events') return void this.sources.get(`${record.topic}/${record.partition}`)?.posted(record);
    if (kind === 'event-ingested') this.lanes.get(record.partition)?.take(record);
    if (!event) return;
    if (kind === 'definitions') this.declared.take(event);
    if (kind === 'rollouts' || kind === 'serving') this.routes.take(event, record.timestamp);
    if (event.stem === 'event-ingested' || event.stem === 'event-rejected') {
      const { topic, partition, offset } = event.fields.source;
      // A batch that nobody can decode has one outcome for all its offsets.
      const offsets = Math.max(1, event.fields.offsets ?? 1);
      const source = this.sources.get(`${this.local(topic)}/${partition}`);
      for (let i = 0; source && i < offsets && offset + i < source.range.end; i++) source.answered(offset + i, event.stem === 'event-rejected');
    }
    if (kind === 'feature-vectors') this.laneOf(record.partition)?.vector(record, this.routes.isDue(record.of, record.partition, record.offset));
    if (kind === 'labels') this.laneOf(record.partition)?.label(record);
    if (kind === 'predictions') this.laneOf(record.partition)?.prediction(record);
  }

  /** Events name topics with the workspace's prefix. */
  local(topic: string): string {
    const at = topic.indexOf('events.');
    return at <= 0 ? topic : topic.slice(at);
  }
}

import type { Check, SeenRecord } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';
import type { World } from '../world/world.ts';
import { EpisodeRules } from './episode-rules.ts';
import { decisionOf, type Open } from './open-decision.ts';
import { RolloutRules } from './rollout-rules.ts';
import { SequenceRules } from './sequence-rules.ts';
import { VersionRules } from './version-rules.ts';

/** The control topics fold without contradiction: each decision follows from what was decided before, and none was made twice; at the end none is open. */
export class DecidersCheck implements Check {
  readonly name = 'deciders';
  readonly promise = 'the decisions fold without contradiction: one request per episode, one end per training and rollout, one verdict per version, one champion, no version twice; nothing is left open';
  readonly found: Violations;
  private readonly episodes = new EpisodeRules();
  private readonly versions = new VersionRules();
  private readonly rollouts = new RolloutRules();
  private readonly sequences = new SequenceRules();
  /** Append times of what something must follow. */
  private readonly times = new Map<string, number>();

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord): void {
    const { event, kind } = record;
    if (!event || kind === 'serving' || !decided.has(kind)) return;
    if (kind !== 'definitions' && kind !== 'commands') this.found.judges(record.timestamp);
    if (isFollowed.has(event.stem)) this.times.set(decisionOf(event), record.timestamp);
    const sentences = [
      ...this.sequences.take(record),
      ...this.episodes.take(event),
      ...this.versions.take(event, this.episodes),
      ...this.rollouts.take(event, this.versions),
    ];
    for (const sentence of sentences) this.found.add(record, sentence);
  }

  end(world: World): void {
    for (const { topic, timestamp, sentence } of this.sequences.gaps(world)) this.found.add({ topic, partition: 0, offset: -1, timestamp }, sentence);
    if (!world.settled) return;
    const isDeclared = (model: string): boolean => world.declared.newest?.models.some(({ name }) => name === model) ?? false;
    const open: [topic: string, decisions: Iterable<Open>][] = [
      ['trainings', this.episodes.open((model, since) => world.labelled(model, since))],
      ['model-versions', this.versions.open(isDeclared, this.episodes)],
      ['rollouts', this.rollouts.open(isDeclared, this.versions)],
    ];
    for (const [topic, decisions] of open) for (const [of, sentence] of decisions) this.found.add({ topic, partition: 0, offset: -1, timestamp: this.times.get(of) ?? Number.NaN }, sentence);
  }
}

const isFollowed: ReadonlySet<string> = new Set(['retrain-requested', 'training-started', 'model-trained', 'model-version-registered', 'model-version-approved', 'rollout-started']);
const decided: ReadonlySet<string> = new Set(['definitions', 'commands', 'retrain-requested', 'findings', 'trainings', 'model-versions', 'rollouts']);

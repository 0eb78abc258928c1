import type { OwnEvent } from '../avro/own-events.ts';
import type { EpisodeRules } from './episode-rules.ts';
import type { Open } from './open-decision.ts';

/** Versions: numbered one after the other, each from one training, each with one verdict. */
export class VersionRules {
  private readonly bundles = new Map<string, string>();
  private readonly highest = new Map<string, number>();
  private readonly verdicts = new Map<string, 'approved' | 'rejected'>();
  private readonly trainings = new Set<string>();

  /** Digest of a registered version. */
  bundle(model: string, version: number): string | undefined {
    return this.bundles.get(`${model}@${version}`);
  }

  get approved(): { model: string; version: number }[] {
    return [...this.verdicts].filter(([, verdict]) => verdict === 'approved').map(([name]) => versionOf(name));
  }

  /** What is still open; nothing may be at the end of a history. */
  *open(isDeclared: (model: string) => boolean, episodes: EpisodeRules): Iterable<Open> {
    for (const [training, { model }] of episodes.trained) if (!this.trainings.has(training)) yield [`model-trained ${training}`, `the training ${training} of ${model} has made a model, but no version was registered`];
    for (const name of this.bundles.keys()) if (!this.verdicts.has(name) && isDeclared(versionOf(name).model)) yield [`model-version-registered ${name}`, `${name} was registered, but never judged`];
  }

  isApproved(model: string, version: number): boolean {
    return this.verdicts.get(`${model}@${version}`) === 'approved';
  }

  *take({ stem, fields }: OwnEvent, episodes: EpisodeRules): Iterable<string> {
    if (stem === 'model-version-registered') yield* this.registered(fields, episodes);
    if (stem === 'model-version-approved' || stem === 'model-version-rejected') yield* this.judged(stem, fields);
  }

  private *registered({ model, version, bundle, training, trained }: OwnEvent['fields'], episodes: EpisodeRules): Iterable<string> {
    const name = `${model}@${version}`;
    const highest = this.highest.get(model) ?? 0;
    if (this.bundles.has(name)) yield `registers ${name} a second time`;
    else if (version !== highest + 1) yield `registers ${name} after version ${highest}`;
    if (this.trainings.has(training)) yield `registers the training ${training} a second time`;
    const known = episodes.trained.get(training);
    if (!known) yield `registers ${name} from the training ${training}, which trained no model`;
    else if (known.bundle !== bundle || trained.bundle !== bundle || known.model !== model) yield `registers ${name} with another bundle than the training ${training} made`;
    this.trainings.add(training);
    this.highest.set(model, Math.max(version, highest));
    if (!this.bundles.has(name)) this.bundles.set(name, bundle);
  }

  private *judged(stem: string, { model, version, bundle, verdicts }: OwnEvent['fields']): Iterable<string> {
    const name = `${model}@${version}`;
    const known = this.bundles.get(name);
    if (known === undefined) yield `judges ${name}, which was never registered`;
    else if (known !== bundle) yield `judges another bundle than ${name} was registered with`;
    if (this.verdicts.has(name)) yield `judges ${name} a second time`;
    else this.verdicts.set(name, stem === 'model-version-approved' ? 'approved' : 'rejected');
    if (stem === 'model-version-approved' && verdicts.some(({ passed }: { passed: boolean }) => !passed)) yield `approves ${name}, though a gate did not pass`;
  }
}

function versionOf(name: string): { model: string; version: number } {
  const at = name.lastIndexOf('@');
  return { model: name.slice(0, at), version: Number(name.slice(at + 1)) };
}

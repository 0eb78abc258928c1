import type { OwnEvent } from '../avro/own-events.ts';
import type { RouteArm } from '../world/route-table.ts';
import type { Open } from './open-decision.ts';
import type { VersionRules } from './version-rules.ts';

interface Running {
  readonly rolloutId: string;
  readonly version: number;
  readonly steps: readonly number[];
  weight: number;
}

interface Standing {
  epoch: number;
  /** Champions that were not withdrawn, oldest first. */
  champions: number[];
  running: Running | undefined;
  readonly started: Set<string>;
  /** Versions of which a rollout began. */
  readonly versions: Set<number>;
  readonly withdrawn: Set<number>;
}

/** Rollouts: one at a time, of approved versions, by routes of ever higher epochs, with one end; one champion at a time; what is withdrawn stays so. */
export class RolloutRules {
  private readonly standings = new Map<string, Standing>();
  private readonly promoted = new Set<string>();

  *take({ stem, fields }: OwnEvent, versions: VersionRules): Iterable<string> {
    if (stem === 'command-issued' && fields.kind === 'PROMOTE') this.promoted.add(`${fields.model}@${fields.version}`);
    if (!stem.startsWith('rollout-') && stem !== 'route-changed') return;
    let now = this.standings.get(fields.model);
    if (!now) this.standings.set(fields.model, (now = { epoch: 0, champions: [], running: undefined, started: new Set(), versions: new Set(), withdrawn: new Set() }));
    if (stem === 'rollout-started') yield* this.started(now, fields, versions);
    else if (stem === 'route-changed') yield* this.routed(now, fields, versions);
    else yield* this.ended(now, stem, fields);
  }

  /** What is still open; nothing may be at the end of a history. */
  *open(isDeclared: (model: string) => boolean, versions: VersionRules): Iterable<Open> {
    for (const [model, { running }] of this.standings) if (running && isDeclared(model)) yield [`rollout-started ${running.rolloutId}`, `the rollout ${running.rolloutId} of ${model}@${running.version} has no end`];
    for (const { model, version } of versions.approved) {
      const now = this.standings.get(model);
      if (isDeclared(model) && !now?.versions.has(version) && !now?.withdrawn.has(version)) yield [`model-version-approved ${model}@${version}`, `${model}@${version} was approved, but no rollout of it began`];
    }
  }

  private *started(now: Standing, { model, rolloutId, version, bundle, previousVersion, steps }: OwnEvent['fields'], versions: VersionRules): Iterable<string> {
    if (now.started.has(rolloutId)) yield `starts the rollout ${rolloutId} a second time`;
    if (now.running) yield `starts the rollout ${rolloutId} while ${now.running.rolloutId} runs`;
    if (!versions.isApproved(model, version)) yield `starts a rollout of ${model}@${version}, which was not approved`;
    if (versions.bundle(model, version) !== bundle) yield `starts a rollout of another bundle than ${model}@${version} was registered with`;
    if (now.withdrawn.has(version) && !this.promoted.has(`${model}@${version}`)) yield `starts a rollout of ${model}@${version}, which was withdrawn`;
    if (previousVersion !== (now.champions.at(-1) ?? null)) yield `names version ${previousVersion} as the champion before; it is ${now.champions.at(-1) ?? 'none'}`;
    now.started.add(rolloutId);
    now.versions.add(version);
    now.running = { rolloutId, version, steps, weight: 0 };
  }

  private *routed(now: Standing, { model, rolloutId, epoch, arms, withdrawn }: OwnEvent['fields'], versions: VersionRules): Iterable<string> {
    if (epoch <= now.epoch) yield `routes by epoch ${epoch} after epoch ${now.epoch}`;
    now.epoch = Math.max(epoch, now.epoch);
    const list = arms as readonly RouteArm[];
    for (const version of withdrawn as number[]) now.withdrawn.add(version);
    now.champions = now.champions.filter((version) => !now.withdrawn.has(version));
    yield* this.arms(now, model, list, versions);
    const { running } = now;
    const canary = list.find(({ role }) => role === 'CANARY');
    if (canary) {
      if (!running || running.rolloutId !== rolloutId || running.version !== canary.version) yield `gives events to the canary ${canary.version}, of which no rollout runs`;
      else {
        const next = running.steps.find((step) => step > running.weight);
        if (canary.weight !== next) yield `goes from ${running.weight} % to ${canary.weight} %; the next step of ${running.steps.join(', ')} is ${next ?? 'none'}`;
        running.weight = canary.weight;
      }
    }
    yield* this.champion(now, list, rolloutId);
  }

  private *arms(now: Standing, model: string, arms: readonly RouteArm[], versions: VersionRules): Iterable<string> {
    const answering = arms.filter(({ role }) => role === 'CHAMPION' || role === 'CANARY');
    const total = answering.reduce((sum, { weight }) => sum + weight, 0);
    if (total !== 100) yield `has arms of ${total} % in all`;
    if (new Set(answering.map(({ role }) => role)).size < answering.length) yield 'has two arms of one role';
    for (const { version, bundle } of arms) {
      if (versions.bundle(model, version) !== bundle) yield `routes to ${model}@${version} with a bundle that it was not registered with`;
      if (now.withdrawn.has(version) && !this.promoted.has(`${model}@${version}`)) yield `routes to ${model}@${version}, which was withdrawn`;
    }
  }

  /** Only a champion that answers everything is one to start from. It is the one before, the candidate of the running rollout, or what a rollback goes back to. */
  private *champion(now: Standing, arms: readonly RouteArm[], rolloutId: string): Iterable<string> {
    const champion = arms.find(({ role }) => role === 'CHAMPION');
    if (!champion) return;
    const current = now.champions.at(-1);
    const isCandidate = now.running?.rolloutId === rolloutId && now.running.version === champion.version;
    if (champion.weight < 100) {
      if (champion.version !== current) yield `names version ${champion.version} as the champion beside a canary; it is ${current ?? 'none'}`;
      return;
    }
    const place = now.champions.indexOf(champion.version);
    if (place >= 0) now.champions = now.champions.slice(0, place + 1);
    else if (!isCandidate) yield `makes version ${champion.version} the champion, of which no rollout runs`;
    else if (current !== undefined && now.running!.weight < 100) yield `makes version ${champion.version} the champion at ${now.running!.weight} % of its rollout`;
    else now.champions.push(champion.version);
    if (place < 0 && !now.champions.includes(champion.version)) now.champions.push(champion.version);
  }

  private *ended(now: Standing, stem: string, { rolloutId, version }: OwnEvent['fields']): Iterable<string> {
    const { running } = now;
    if (!running || running.rolloutId !== rolloutId) yield `ends the rollout ${rolloutId}, ${now.started.has(rolloutId) ? 'which has ended before' : 'which was never started'}`;
    else if (running.version !== version) yield `ends the rollout ${rolloutId} of version ${running.version} as one of version ${version}`;
    else if (stem === 'rollout-completed' && now.champions.at(-1) !== version) yield `completes the rollout of version ${version}, which is not the champion`;
    if (stem === 'rollout-aborted') now.withdrawn.add(version);
    if (running?.rolloutId === rolloutId) now.running = undefined;
  }
}

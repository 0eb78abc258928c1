import { MillraceError, ModelLoadFailed, ModelLoaded, RouteAdopted, type RouteChanged, type RolloutStarted } from '@millrace/contracts';
import type { Journal, Standing, StreamState } from '@millrace/messaging';
import { answering, bundlesOf, type Route } from './route.ts';
import type { Scorers } from './scorers.ts';

export interface SlotPlace {
  readonly model: string;
  /** Partition of the per-model topics. */
  readonly slot: number;
  /** Name of this process in events. */
  readonly instance: string;
}

type Candidate = Pick<RolloutStarted, 'rolloutId' | 'version' | 'bundle'>;

/**
 * What one slot knows of its model's route. Two parts that do not mix: what `rollouts` said (folded between batches, never undone),
 * and what this slot has told others (adopted epoch, announced candidate: undone with an aborted transaction, so that it is said again).
 */
export class SlotState implements StreamState {
  readonly place: SlotPlace;
  private readonly scorers: Scorers;
  private readonly closed: () => void;
  /** Routes by epoch, from the adopted one on. */
  private readonly routes = new Map<number, Route>();
  private newest = 0;
  private candidate: Candidate | undefined;
  private adopted = 0;
  private announced: string | undefined;
  /** Rollout whose candidate was loaded and failed later. */
  private withdrawn: string | undefined;
  private kept = '';

  constructor(place: SlotPlace, scorers: Scorers, closed: () => void = () => undefined) {
    this.place = place;
    this.scorers = scorers;
    this.closed = closed;
  }

  // What `rollouts` says.

  started({ model, rolloutId, version, bundle }: RolloutStarted): void {
    if (model === this.place.model) this.candidate = { rolloutId, version, bundle };
  }

  changed({ model, rolloutId, epoch, arms, withdrawn }: RouteChanged): void {
    if (model !== this.place.model) return;
    this.newest = Math.max(this.newest, epoch);
    if (epoch >= this.adopted) this.routes.set(epoch, { rolloutId, epoch, arms, withdrawn });
  }

  ended({ model, rolloutId }: { readonly model: string; readonly rolloutId: string }): void {
    if (model === this.place.model && this.candidate?.rolloutId === rolloutId) this.candidate = undefined;
  }

  // What a batch needs.

  /**
   * The route that answers now; undefined before the first adopted one, when vectors are passed over.
   * @throws MillraceError ROUTE_NOT_READY (retriable): its models are not loaded within the limit, or a newer route withdrew it
   * @throws MillraceError LOG_BEHIND (retriable): `rollouts` ends before the adopted epoch; STATE_INVALID: it goes on behind that epoch, but does not hold it
   */
  async route(limitMs: number): Promise<Route | undefined> {
    if (this.adopted === 0) return undefined;
    const { model, slot } = this.place;
    const route = this.routes.get(this.adopted);
    if (!route && this.newest < this.adopted)
      throw new MillraceError('LOG_BEHIND', `${model} slot ${slot} has adopted epoch ${this.adopted}, but rollouts ends at epoch ${this.newest}`, { retriable: true, hint: 'a broker without its peers answers so; if it lasts, rollouts has lost records: see docs/runbooks/offsets-lost.md' });
    if (!route) throw new MillraceError('STATE_INVALID', `${model} slot ${slot} has adopted epoch ${this.adopted}, which rollouts does not hold`, { hint: 'rollouts has lost records: restore it, see docs/runbooks/offsets-lost.md' });
    const withdrawn = this.isWithdrawn(route);
    if (await this.scorers.ready(bundlesOf(withdrawn ? this.routes.get(this.newest)! : route), limitMs)) {
      if (!withdrawn) return route;
      throw new MillraceError('ROUTE_NOT_READY', `epoch ${this.adopted} of ${model} was withdrawn while epoch ${this.newest} was loading`, { retriable: true });
    }
    throw new MillraceError('ROUTE_NOT_READY', `the models of ${model} are not loaded after ${limitMs} ms: ${this.failures()}`, { retriable: true, hint: 'vectors wait; the bundle must be readable below ARTIFACTS_URL' });
  }

  // What the runtime calls.

  *due({ positions }: Standing): Iterable<ModelLoaded | ModelLoadFailed | RouteAdopted> {
    this.keepNeeded();
    yield* this.announceCandidate();
    yield* this.adoptNewest(positions.get(`feature-vectors.${this.place.model}`) ?? 0);
  }

  journal(): Journal {
    const { adopted, announced, withdrawn } = this;
    return {
      commit: () => {
        for (const epoch of this.routes.keys()) if (epoch < this.adopted) this.routes.delete(epoch);
      },
      undo: () => {
        this.adopted = adopted;
        this.announced = announced;
        this.withdrawn = withdrawn;
      },
    };
  }

  mark(): number {
    return this.adopted;
  }

  resume(mark: number | undefined): void {
    this.adopted = mark ?? 0;
  }

  close(): void {
    this.scorers.keep(this, []);
    this.closed();
  }

  /** How the slot stands, for people. */
  standing(): { model: string; slot: number; adopted: Route | null; newestEpoch: number; candidate: Candidate | null } {
    const { model, slot } = this.place;
    return { model, slot, adopted: this.routes.get(this.adopted) ?? null, newestEpoch: this.newest, candidate: this.candidate ?? null };
  }

  // Called between batches and not while folding, so that a start does not load what only history needed.
  private keepNeeded(): void {
    const routes = [this.adopted, this.newest].flatMap((epoch) => this.routes.get(epoch) ?? []);
    const needed = [...new Set([...routes.flatMap(bundlesOf), ...(this.candidate ? [this.candidate.bundle] : [])])].sort();
    if (needed.join() === this.kept) return;
    this.kept = needed.join();
    this.scorers.keep(this, needed);
  }

  private *announceCandidate(): Iterable<ModelLoaded | ModelLoadFailed> {
    const { candidate } = this;
    if (!candidate) return;
    if (this.announced === candidate.rolloutId) return yield* this.withdrawCandidate(candidate);
    const loading = this.scorers.loading(candidate.bundle);
    if (loading.state === 'loading') return;
    this.announced = candidate.rolloutId;
    const said = { ...this.place, ...candidate };
    if (loading.state === 'ready') yield new ModelLoaded({ ...said, provider: loading.scorer.provider });
    else yield new ModelLoadFailed({ ...said, code: loading.code, reason: loading.reason });
  }

  /** A candidate that loses its process again and again: the deployer need not wait for the counts of its failures. */
  private *withdrawCandidate(candidate: Candidate): Iterable<ModelLoadFailed> {
    const failing = this.withdrawn === candidate.rolloutId ? undefined : this.scorers.failing(candidate.bundle);
    if (!failing) return;
    this.withdrawn = candidate.rolloutId;
    yield new ModelLoadFailed({ ...this.place, ...candidate, ...failing });
  }

  private *adoptNewest(offset: number): Iterable<RouteAdopted> {
    const route = this.routes.get(this.newest);
    if (!route || this.newest <= this.adopted) return;
    if (bundlesOf(route).some((bundle) => this.scorers.loading(bundle).state !== 'ready')) return;
    this.adopted = this.newest;
    yield new RouteAdopted({ ...this.place, rolloutId: route.rolloutId, epoch: route.epoch, offset });
  }

  private isWithdrawn(route: Route): boolean {
    const versions = new Set(answering(route).map(({ version }) => version));
    return [...this.routes.values()].some(({ epoch, withdrawn }) => epoch > route.epoch && withdrawn.some((version) => versions.has(version)));
  }

  private failures(): string {
    const routes = [this.adopted, this.newest].flatMap((epoch) => this.routes.get(epoch) ?? []);
    const texts = routes.flatMap(bundlesOf).flatMap((bundle) => {
      const loading = this.scorers.loading(bundle);
      return loading.state === 'failed' ? [`${loading.reason} (${loading.code})`] : [];
    });
    return [...new Set(texts)].join('; ') || 'still loading';
  }
}

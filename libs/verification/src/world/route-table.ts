import type { OwnEvent } from '../avro/own-events.ts';

export interface RouteArm {
  readonly role: string;
  readonly version: number;
  readonly bundle: string;
  readonly weight: number;
}

export interface Route {
  readonly rolloutId: string;
  readonly epoch: number;
  readonly arms: readonly RouteArm[];
  readonly withdrawn: readonly number[];
  /** Append time. */
  readonly time: number;
}

interface Adoption {
  readonly epoch: number;
  /** First offset of feature-vectors that it applies to. */
  readonly offset: number;
}

/** Routes of each model by epoch, and what each slot adopted, in the order of the log. */
export class RouteTable {
  private readonly routes = new Map<string, Map<number, Route>>();
  private readonly adoptions = new Map<string, Adoption[]>();
  /** By model and version. */
  private readonly withdrawals = new Map<string, Route[]>();

  take({ stem, fields }: OwnEvent, time: number): void {
    if (stem === 'route-changed') {
      const ofModel = this.routes.get(fields.model) ?? new Map<number, Route>();
      // Of two with one epoch the first stands; the second is what the fold of the deciders finds.
      const route: Route = { ...fields, time };
      if (!ofModel.has(fields.epoch)) ofModel.set(fields.epoch, route);
      this.routes.set(fields.model, ofModel);
      for (const version of route.withdrawn) this.withdrawals.set(`${fields.model}@${version}`, [...(this.withdrawals.get(`${fields.model}@${version}`) ?? []), route]);
    }
    if (stem === 'route-adopted') {
      const key = `${fields.model}/${fields.slot}`;
      this.adoptions.set(key, [...(this.adoptions.get(key) ?? []), { epoch: fields.epoch, offset: fields.offset }]);
    }
  }

  get models(): Iterable<string> {
    return this.routes.keys();
  }

  /** The first route behind an epoch that withdraws a version. */
  withdrawal(model: string, version: number, epoch: number): Route | undefined {
    return this.withdrawals.get(`${model}@${version}`)?.find((route) => route.epoch > epoch);
  }

  route(model: string, epoch: number): Route | undefined {
    return this.routes.get(model)?.get(epoch);
  }

  /** Routes of a model, by epoch. */
  all(model: string): Route[] {
    return [...(this.routes.get(model)?.values() ?? [])].sort((a, b) => a.epoch - b.epoch);
  }

  /** Whether a vector has to be predicted: its slot had adopted a route before. */
  isDue(model: string, slot: number, offset: number): boolean {
    const first = this.adoptions.get(`${model}/${slot}`)?.[0];
    return first !== undefined && offset >= first.offset;
  }

  /** Epoch that holds in a slot for the vector at this offset; 0 before the first. */
  epochAt(model: string, slot: number, offset: number): number {
    let epoch = 0;
    for (const adoption of this.adoptions.get(`${model}/${slot}`) ?? []) if (adoption.offset <= offset) epoch = adoption.epoch;
    return epoch;
  }
}

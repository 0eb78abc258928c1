import { randomUUID } from 'node:crypto';
import { askDoor } from './http-door.ts';

/** What a producer needs to post to a stream. */
export interface StreamAddress {
  readonly stream: string;
  readonly topic: string;
  readonly lanes: number;
  readonly schemaId: number;
  readonly schema: object;
}

/** One line of what happened to a model. */
export interface TimelineEntry {
  readonly id: string;
  /** Append time, ms since epoch. */
  readonly at: number;
  /** Stem of its event. */
  readonly kind: string;
  readonly text: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

export interface Adoption {
  /** Null while there is no such route yet. */
  readonly epoch: number | null;
  readonly adopted: readonly number[];
  readonly missing: readonly number[];
  readonly done: boolean;
}

export interface ModelStatus {
  readonly name: string;
  readonly champion: { readonly version: number; readonly bundle: string } | null;
  readonly epoch: number;
  readonly rollout: { readonly version: number; readonly stage: string; readonly weight: number; readonly waitsFor: string } | null;
}

export interface PlatformStatus {
  readonly definitionsHash: string | null;
  readonly models: readonly ModelStatus[];
  readonly rejected: { readonly total: number; readonly byCode: Readonly<Record<string, number>> };
}

export interface Applied {
  readonly hash: string;
  readonly changed: boolean;
  readonly schemas: readonly { readonly stream: string; readonly schemaId: number }[];
}

/** The one door for definitions and commands, and the state of everything. */
export class ConsoleClient {
  readonly address: string;

  constructor(address: string) {
    this.address = address;
  }

  /** @param definitions canonical JSON */
  async apply(definitions: string, by: string): Promise<Applied> {
    return (await askDoor(this.address, 'POST', '/definitions', { definitions, by })) as Applied;
  }

  async stream(name: string): Promise<StreamAddress> {
    return (await askDoor(this.address, 'GET', `/streams/${encodeURIComponent(name)}`)) as StreamAddress;
  }

  async status(): Promise<PlatformStatus> {
    return (await askDoor(this.address, 'GET', '/status')) as PlatformStatus;
  }

  async timeline(model: string): Promise<TimelineEntry[]> {
    return (await askDoor(this.address, 'GET', `/models/${encodeURIComponent(model)}/timeline`)) as TimelineEntry[];
  }

  /** @returns the version that the command is about */
  async rollBack(model: string, who: string, why: string): Promise<number> {
    const issued = await askDoor(this.address, 'POST', '/commands', { kind: 'ROLL_BACK', model, who, why }, { 'idempotency-key': randomUUID() });
    return (issued as { version: number }).version;
  }

  /** Which slots answer by the route that withdrew a version. */
  async adoption(model: string, withdrawn: number): Promise<Adoption> {
    return (await askDoor(this.address, 'GET', `/models/${encodeURIComponent(model)}/adoption?withdrawn=${withdrawn}`)) as Adoption;
  }
}

import type { Deployment } from '../drive/deployment.ts';
import type { ServiceName } from '../drive/service-names.ts';
import type { Random } from '../random.ts';

export interface FaultContext {
  readonly deployment: Deployment;
  readonly random: Random;
  /** What was done, for the history of the run. */
  readonly note: (what: string) => void;
  /** Keeps the id of a command that was answered 202: it must stand in the log, once. */
  readonly promised: (commandId: string) => void;
  /** Ends the waiting of a fault whose run is over. */
  readonly signal: AbortSignal;
}

/** In most runs some transactions are aborted by themselves: a plan that never aborts would test the easy case. */
export const fewAborts = 'transaction.offsets=fail%4; transaction.commit=fail%4';

/** One kind of fault of the matrix. */
export interface Scenario {
  readonly name: string;
  /** What it breaks, for people. */
  readonly about: string;
  /** It breaks nothing: a service that ends by itself is a violation. */
  readonly isControl?: boolean;
  /** The one server that it ends or stops: two kinds that do so would meet each other's leavings. */
  readonly target?: 'broker' | 'database';
  /** What counts its faults beside `inject`: fail points that acted, or requests that a proxy broke. */
  readonly indirectly?: 'points' | 'requests';
  /** Seconds between two faults, at least and at most. */
  readonly every: readonly [number, number];
  readonly instances?: 1 | 2;
  readonly brokers?: 1 | 3;
  /** Fail points of all services during the whole run (MILLRACE_FAIL_POINTS); left out: a few aborted transactions. */
  readonly failPoints?: string;
  /** Further fail points of one service. */
  readonly failPointsOf?: Partial<Readonly<Record<ServiceName, string>>>;
  /** Node.js options of all services during the whole run. */
  readonly nodeOptions?: readonly string[];
  /** Why it cannot be run here; undefined if it can. */
  impossible?(): string | undefined;
  /** Before the services start. */
  prepare?(context: Pick<FaultContext, 'deployment'>): Promise<void>;
  /** One fault, and its healing. False when there was nothing to break: it does not count. */
  inject(context: FaultContext): Promise<boolean>;
  /** After the last fault, before the run settles. */
  heal?(context: FaultContext): Promise<void>;
}

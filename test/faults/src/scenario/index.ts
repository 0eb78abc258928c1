import { badNetworkOfThree, network, threeBrokers } from './network-faults.ts';
import { quiet } from './quiet.ts';
import type { Scenario } from './scenario.ts';
import { broker, clock, diskFull, postgres, postgresRestart, rollback, scoringChild } from './server-faults.ts';
import { abort, failPoint, kill, rollingRestart, term, twoInstances, zombie } from './service-faults.ts';

export { abort, broker, kill, network, postgres, postgresRestart, scoringChild, twoInstances };
export type { FaultContext, Scenario } from './scenario.ts';

/** The matrix: what can be broken. */
export const scenarios: readonly Scenario[] = [kill, term, zombie, failPoint, abort, rollingRestart, twoInstances, broker, network, threeBrokers, badNetworkOfThree, postgres, postgresRestart, scoringChild, diskFull, clock, rollback, quiet];

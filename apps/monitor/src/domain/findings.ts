import { ArmObserved, PerformanceReported, RetrainRequested } from '@millrace/contracts';
import { defineDecider } from '@millrace/messaging';
import { nothingSeen, type Seen } from './seen.ts';

/** Reports that are kept in memory for people, per model. */
const reportsKept = 1000;

/** What this decider said itself. */
export interface Said {
  /** By model, in the order in which they were made. */
  readonly reports: ReadonlyMap<string, readonly PerformanceReported[]>;
  /** Start of the newest window that was judged, by model and version. */
  readonly judged: ReadonlyMap<string, number>;
  /** Newest word on each arm, by model and role. */
  readonly arms: ReadonlyMap<string, ReadonlyMap<string, ArmObserved>>;
  readonly episodes: ReadonlySet<string>;
  /** Models for which the first volume of labels was reached. */
  readonly volumes: ReadonlySet<string>;
  /** Newest request that an alarm caused, by model. */
  readonly alarms: ReadonlyMap<string, RetrainRequested>;
}

export interface FindingsState {
  /** Folded from the own events. */
  readonly said: Said;
  /** Folded from the inputs. */
  readonly seen: Seen;
}

const nothingSaid: Said = { reports: new Map(), judged: new Map(), arms: new Map(), episodes: new Set(), volumes: new Set(), alarms: new Map() };

export const judgedKey = (model: string, version: number): string => `${model}/${version}`;

/** What the slots of all models add up to: how versions do, and when a model should be trained again. */
export const Findings = defineDecider({
  name: 'findings',
  events: [PerformanceReported, ArmObserved, RetrainRequested],
  initial: { said: nothingSaid, seen: nothingSeen } as FindingsState,
  evolve: (state, event) => ({ ...state, said: say(state.said, event) }),
});

function say(said: Said, event: PerformanceReported | ArmObserved | RetrainRequested): Said {
  if (event instanceof PerformanceReported) {
    const reports = [...(said.reports.get(event.model) ?? []), event].slice(-reportsKept);
    return { ...said, reports: put(said.reports, event.model, reports), judged: put(said.judged, judgedKey(event.model, event.version), event.windowStart) };
  }
  if (event instanceof ArmObserved) return { ...said, arms: put(said.arms, event.model, put(said.arms.get(event.model) ?? new Map<string, ArmObserved>(), event.role, event)) };
  return {
    ...said,
    episodes: new Set([...said.episodes, event.episode]),
    volumes: event.trigger === 'labels' ? new Set([...said.volumes, event.model]) : said.volumes,
    alarms: event.trigger === 'worse' || event.trigger === 'miscalibrated' ? put(said.alarms, event.model, event) : said.alarms,
  };
}

const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value);

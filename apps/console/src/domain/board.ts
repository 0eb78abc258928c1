import type { ModelTrainedFields, Verdict } from '@millrace/contracts';
import { noRoutes, type ArmOutcomes, type ModelRoutes } from '@millrace/rollout';

/** What happened to a model at one time, as one line for people. */
export interface TimelineEntry {
  /** Place of its record, topic:offset: the same entry has the same id at every reading. */
  readonly id: string;
  /** Append time of its record, ms since epoch. */
  readonly at: number;
  /** Stem of its event. */
  readonly kind: string;
  readonly text: string;
  readonly figures: Readonly<Record<string, unknown>>;
}

export interface TrainingView {
  readonly id: string;
  readonly state: 'running' | 'trained' | 'failed';
  readonly trigger: string | null;
  readonly startedAt: number | null;
  readonly endedAt: number | null;
  readonly bundle: string | null;
  readonly seconds: number | null;
  readonly reason: string | null;
}

export interface VersionView {
  readonly version: number;
  readonly bundle: string;
  readonly state: 'registered' | 'approved' | 'rejected';
  readonly verdicts: readonly Verdict[];
  readonly trained: ModelTrainedFields | null;
  readonly registeredAt: number | null;
  readonly decidedAt: number | null;
}

export interface EpisodeView {
  readonly episode: string;
  readonly trigger: string;
  readonly evidence: readonly string[];
  readonly since: number;
  readonly newLabels: number;
  readonly championVersion: number | null;
  readonly requestedAt: number;
}

/** How a version did in one window, newest report. */
export interface PerformanceView {
  readonly version: number;
  readonly role: string;
  /** UTC day of the window's start, like 2001-01-08. */
  readonly day: string;
  readonly windowStart: number;
  readonly windowEnd: number;
  readonly predictions: number;
  readonly labelled: number;
  /** NaN (null in JSON) where only one class was seen. */
  readonly auc: number;
  readonly logLoss: number;
  readonly accuracy: number;
  readonly meanPrediction: number;
  readonly rate: number;
  readonly violations: readonly string[];
}

/** Everything that is known of a model. Each part comes from one topic, so the order in which topics are read does not matter. */
export class ModelBoard {
  routes: ModelRoutes = noRoutes;
  /** Epoch of the route that withdrew a version. */
  readonly withdrawnBy = new Map<number, number>();
  /** Newest epoch by slot. */
  readonly adopted = new Map<number, number>();
  /** Slots that loaded the candidate, by rollout. */
  readonly loaded = new Map<string, Set<number>>();
  /** Newest counts by epoch, role and slot. */
  readonly outcomes = new Map<string, Map<number, ArmOutcomes>>();
  readonly trainings = new Map<string, TrainingView>();
  readonly versions = new Map<number, VersionView>();
  readonly episodes = new Map<string, EpisodeView>();
  /** By version, role and window. */
  readonly performance = new Map<string, PerformanceView>();
  /** By what the entry is about: a later one of the same subject takes its place. */
  readonly timeline = new Map<string, TimelineEntry>();
}

export interface RejectedView {
  readonly stream: string;
  readonly code: string;
  readonly reason: string;
  readonly at: number;
}

/** State of everything, in memory: rebuilt from the topics at each start. */
export class Board {
  readonly rejected = new Map<string, number>();
  /** The newest ten. */
  readonly newestRejected: RejectedView[] = [];
  private readonly models = new Map<string, ModelBoard>();

  model(name: string): ModelBoard {
    let board = this.models.get(name);
    if (!board) this.models.set(name, (board = new ModelBoard()));
    return board;
  }

  find(name: string): ModelBoard | undefined {
    return this.models.get(name);
  }

  names(): string[] {
    return [...this.models.keys()];
  }
}

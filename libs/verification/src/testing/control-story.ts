import { createHash } from 'node:crypto';
import {
  ArmObserved, CommandIssued, ModelTrained, ModelVersionApproved, ModelVersionRegistered, ModelVersionRejected, RetrainRequested, RolloutAborted, RolloutCompleted, RolloutStarted, RouteChanged,
  TrainingFailed, TrainingStarted, type Arm, type Event,
} from '@millrace/contracts';
import type { MemoryLog } from './memory-log.ts';
import { transaction } from './memory-log.ts';
import type { Seeded } from './seeded.ts';

const model = 'late-order';
const figures = { auc: 0.7, logLoss: 0.5, accuracy: 0.8, meanPrediction: 0.3, rate: 0.3 };
const bundleOf = (version: number): string => `b${version}`.padEnd(64, '0');
const arm = (role: Arm['role'], version: number, weight: number): Arm => ({ role, version, bundle: bundleOf(version), weight });

/** Decisions of a run at their places: four trainings (one fails, one is rejected), three rollouts (one is taken back, one aborted). */
export class ControlStory {
  readonly routes: RouteChanged[] = [];
  private readonly log: MemoryLog;
  private readonly random: Seeded;
  private readonly sequences = new Map<string, number>();
  private readonly chapters: { at: number; tell: () => void }[];

  constructor(log: MemoryLog, random: Seeded) {
    this.log = log;
    this.random = random;
    this.chapters = [
      { at: 0.1, tell: () => this.train(1) },
      { at: 0.15, tell: () => this.rollout(1, [arm('CHAMPION', 1, 100)]) },
      { at: 0.2, tell: () => this.complete(1) },
      { at: 0.3, tell: () => this.fail('e-failed') },
      { at: 0.35, tell: () => this.train(2) },
      { at: 0.4, tell: () => this.rollout(2, [arm('CHAMPION', 1, 75), arm('CANARY', 2, 25)]) },
      { at: 0.45, tell: () => this.observe(2) },
      { at: 0.5, tell: () => this.reroute('r2', [arm('CANARY', 2, 100)]) },
      { at: 0.55, tell: () => (this.reroute('r2', [arm('CHAMPION', 2, 100)]), this.complete(2)) },
      { at: 0.65, tell: () => (this.command('ROLL_BACK', 'back'), this.reroute('back', [arm('CHAMPION', 1, 100)], [2], 'rolled back by ann: because')) },
      { at: 0.67, tell: () => this.command('PAUSE', 'leads to nothing') },
      { at: 0.7, tell: () => this.train(3, false) },
      { at: 0.72, tell: () => this.train(4) },
      { at: 0.75, tell: () => this.rollout(4, [arm('CHAMPION', 1, 75), arm('CANARY', 4, 25)]) },
      { at: 0.85, tell: () => this.abort(4) },
    ];
  }

  /** The newest route. */
  get route(): RouteChanged | undefined {
    return this.routes.at(-1);
  }

  tell(share: number): void {
    while (this.chapters.length > 0 && this.chapters[0]!.at <= share) {
      this.log.now += 10;
      this.chapters.shift()!.tell();
    }
  }

  private train(version: number, isApproved = true): void {
    if (version === 4) this.command('RETRAIN', 'train');
    const episode = version === 4 ? createHash('sha256').update(`${model}\0\0command train`).digest('hex').slice(0, 32) : `e${version}`;
    const request = this.request(episode, version === 1 ? 'labels' : version === 4 ? 'manual' : 'worse');
    this.say('trainings', new TrainingStarted({ training: episode, request }));
    const end = [{ slot: 0, position: 5 }];
    const trained = new ModelTrained({
      model, training: episode, bundle: bundleOf(version), modelHash: 'h', dataset: { hash: 'h', rows: 10, holdoutRows: 2, from: 0, to: 1, end }, featureSet: 'f'.repeat(64), definitionHash: 'd',
      candidate: figures, champion: null, championVersion: null, seconds: 1,
    });
    this.say('trainings', trained);
    this.say('model-versions', new ModelVersionRegistered({ model, version, bundle: bundleOf(version), training: episode, trained: { ...trained } }));
    const verdicts = [{ gate: 'at-least', passed: isApproved, value: 0.7, limit: 0.6, sentence: 'auc' }];
    if (version === 4) this.command('APPROVE', 'approve', 4);
    if (isApproved) this.say('model-versions', new ModelVersionApproved({ model, version, bundle: bundleOf(version), verdicts, approvedBy: version === 4 ? 'ann' : 'gates' }));
    else this.say('model-versions', new ModelVersionRejected({ model, version, bundle: bundleOf(version), verdicts, rejectedBy: 'gates' }));
  }

  private fail(episode: string): void {
    this.say('trainings', new TrainingStarted({ training: episode, request: this.request(episode, 'worse') }));
    this.say('trainings', new TrainingFailed({ model, training: episode, code: 'X', reason: 'x', retriable: false }));
  }

  private request(episode: string, trigger: string): RetrainRequested {
    const request = new RetrainRequested({ model, episode, trigger, evidence: ['why'], since: 0, newLabels: 10, championVersion: null, championBundle: null, definitionHash: 'd' });
    this.say('retrain-requested', request);
    return request;
  }

  private rollout(version: number, arms: Arm[]): void {
    const previousVersion = version === 1 ? null : 1;
    this.say('rollouts', new RolloutStarted({ model, rolloutId: `r${version}`, version, bundle: bundleOf(version), previousVersion, previousBundle: previousVersion && bundleOf(1), steps: [25, 100] }));
    this.reroute(`r${version}`, arms);
  }

  private reroute(rolloutId: string, arms: Arm[], withdrawn: number[] = [], reason = 'story'): void {
    const route = new RouteChanged({ model, rolloutId, epoch: this.routes.length + 1, arms, withdrawn, reason });
    this.routes.push(route);
    this.say('rollouts', route);
  }

  private complete(version: number): void {
    this.say('rollouts', new RolloutCompleted({ model, rolloutId: `r${version}`, version, bundle: bundleOf(version) }));
  }

  private abort(version: number): void {
    this.command('ABORT', 'abort', version);
    this.say('rollouts', new RolloutAborted({ model, rolloutId: `r${version}`, version, reason: 'because', by: 'ann' }));
    this.reroute(`r${version}`, [arm('CHAMPION', 1, 100)], [version]);
  }

  private observe(version: number): void {
    const slots = [{ slot: 0, ok: 1, fallback: 0, failed: 0, latencyMsSum: 1 }];
    for (let times = 0; times < 3; times++) this.say('findings', new ArmObserved({ model, rolloutId: 'r2', epoch: 2, role: 'CANARY', version, slots }));
  }

  private command(kind: CommandIssued['kind'], commandId: string, version: number | null = null): void {
    this.say('commands', new CommandIssued({ commandId, kind, model, version, who: 'ann', why: 'because', issuedAt: this.log.now }));
    // Bounds of time can lie between a command and its effects.
    this.log.now += 1;
  }

  say(topic: string, event: Event): void {
    const decider = topic === 'retrain-requested' ? 'findings' : topic;
    const sequence = this.sequences.get(decider) ?? 0;
    this.sequences.set(decider, sequence + 1);
    transaction(this.log, this.random, [{ topic, partition: 0, event, headers: `sequence=${sequence}` }]);
  }
}

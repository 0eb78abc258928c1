import { PerformanceReported, RetrainRequested } from '@millrace/contracts';
import { beginningOfTime } from './beginning-of-time.ts';
import { episodeOf } from './episode.ts';
import type { Evaluations } from './evaluations.ts';
import { figuresOf } from './figures.ts';
import { judgedKey, type FindingsState } from './findings.ts';
import { armsOf, championOf, labelsOf, modelTime, summariesBetween, type Champion, type Declared } from './seen.ts';
import { violationsOf, type Violation } from './violations.ts';
import { windowMs } from './window-cell.ts';

/**
 * Judges the windows that ended a label horizon ago, each version and window once, and asks for a training where the champion
 * violates a trigger: one request per episode.
 */
export function* judgeWindows(state: FindingsState, model: string, evaluations: Evaluations): Generator<PerformanceReported | RetrainRequested> {
  const { seen, said } = state;
  const declared = seen.declared.get(model);
  if (!declared) return;
  const finished = modelTime(seen, model) - declared.definition.label.horizonMs;
  const champion = championOf(seen, model);
  let alarm = said.alarms.get(model);
  for (const { version, windowStart } of unjudged(state, model, finished)) {
    const windowEnd = windowStart + windowMs;
    const own = summariesBetween(seen, model, windowStart, windowEnd).filter((summary) => summary.version === version);
    const violations = version === champion?.version ? violationsOf(seen, declared.definition, champion, windowEnd, evaluations) : [];
    yield new PerformanceReported({ model, version, role: roleOf(state, model, version), windowStart, windowEnd, ...figuresOf(own), violations: violations.map(({ sentence }) => sentence) });
    if (violations.length === 0 || isOpen(alarm, champion!, windowStart, declared)) continue;
    alarm = request(model, declared, champion!, violations);
    if (!said.episodes.has(alarm.episode)) yield alarm;
  }
}

/** The first training: once, when enough labels are known and no version ever predicted. */
export function* firstVolume({ seen, said }: FindingsState, model: string): Generator<RetrainRequested> {
  const declared = seen.declared.get(model);
  const trigger = declared?.definition.retrain.when.find(({ kind }) => kind === 'labels');
  if (!declared || trigger?.kind !== 'labels' || said.volumes.has(model) || armsOf(seen, model).length > 0) return;
  const { unpredicted } = labelsOf(seen, model);
  if (unpredicted < trigger.count) return;
  yield new RetrainRequested({
    model, episode: episodeOf(model, null, 'labels'), trigger: 'labels', evidence: [`${unpredicted} labels are known and no version predicts yet; ${trigger.count} are enough for the first`],
    since: beginningOfTime, newLabels: trigger.count, championVersion: null, championBundle: null, definitionHash: declared.hash,
  });
}

/** Versions and windows that can be judged and were not, oldest first. */
function unjudged({ seen, said }: FindingsState, model: string, finished: number): { version: number; windowStart: number }[] {
  const found = new Map<string, { version: number; windowStart: number }>();
  for (const { version, windowStart, windowEnd } of summariesBetween(seen, model, -Infinity, finished)) {
    if (version === null || windowEnd > finished || windowStart <= (said.judged.get(judgedKey(model, version)) ?? -Infinity)) continue;
    found.set(`${version}/${windowStart}`, { version, windowStart });
  }
  return [...found.values()].sort((a, b) => a.windowStart - b.windowStart || a.version - b.version);
}

/** Of one champion and less than the cooldown ago: the training that it asked for is on its way, or did not help. */
function isOpen(alarm: RetrainRequested | undefined, champion: Champion, windowStart: number, { definition }: Declared): boolean {
  return alarm !== undefined && alarm.championBundle === champion.bundle && windowStart < alarm.since + definition.retrain.cooldownMs;
}

function request(model: string, { definition, hash }: Declared, { version, bundle }: Champion, violations: readonly Violation[]): RetrainRequested {
  const since = Math.min(...violations.map((violation) => violation.since));
  return new RetrainRequested({
    model, episode: episodeOf(model, bundle, since), trigger: violations[0]!.trigger, evidence: violations.map(({ sentence }) => sentence),
    since, newLabels: definition.retrain.newLabels, championVersion: version, championBundle: bundle, definitionHash: hash,
  });
}

/** Role in its newest epoch. */
function roleOf({ seen }: FindingsState, model: string, version: number): PerformanceReported['role'] {
  const [newest] = armsOf(seen, model).filter((arm) => arm.version === version).sort((a, b) => b.arm!.epoch - a.arm!.epoch);
  return newest!.role!;
}

import type { DefinitionApplied, WindowSummarised, WorkspaceCreated } from '@millrace/contracts';
import type { ModelDefinition } from '@millrace/definitions';
import { armKey, windowMs } from './window-cell.ts';

/** Windows that are kept with their sketches; of older ones only the labels are counted. */
const windowsKept = 62;

export interface Declared {
  readonly definition: ModelDefinition;
  readonly hash: string;
}

/** Newest word of one slot. */
export interface SlotSeen {
  readonly slotTime: number;
  /** By start of the window and arm. */
  readonly windows: ReadonlyMap<number, ReadonlyMap<string, WindowSummarised>>;
  /** Summary with the newest progress of each arm. */
  readonly arms: ReadonlyMap<string, WindowSummarised>;
  /** Labels of windows that are no longer kept. */
  readonly forgotten: { readonly before: number; readonly labelled: number; readonly unpredicted: number };
}

/** What the inputs said: folded apart from the own events, which come first at a restart. */
export interface Seen {
  /** Slots of all lanes; 0 before the workspace is known. */
  readonly slots: number;
  readonly declared: ReadonlyMap<string, Declared>;
  /** By model and slot. */
  readonly models: ReadonlyMap<string, ReadonlyMap<number, SlotSeen>>;
}

export const nothingSeen: Seen = { slots: 0, declared: new Map(), models: new Map() };
const unseenSlot: SlotSeen = { slotTime: -Infinity, windows: new Map(), arms: new Map(), forgotten: { before: -Infinity, labelled: 0, unpredicted: 0 } };

export function seeWorkspace(seen: Seen, { lanes, slots }: WorkspaceCreated): Seen {
  return { ...seen, slots: lanes * slots };
}

/** The newest set counts, whole. */
export function seeDefinitions(seen: Seen, { hash, definitions }: DefinitionApplied): Seen {
  const { models } = JSON.parse(definitions) as { models: readonly ModelDefinition[] };
  return { ...seen, declared: new Map(models.map((definition) => [definition.name, { definition, hash }])) };
}

/** A summary of lower revision than the known one changes nothing. */
export function seeSummary(seen: Seen, summary: WindowSummarised): Seen {
  const slots = seen.models.get(summary.model) ?? new Map<number, SlotSeen>();
  const before = slots.get(summary.slot) ?? unseenSlot;
  const after = forgetOld(withArm(withWindow({ ...before, slotTime: Math.max(before.slotTime, summary.slotTime) }, summary), summary));
  return { ...seen, models: put(seen.models, summary.model, put(slots, summary.slot, after)) };
}

function withWindow(slot: SlotSeen, summary: WindowSummarised): SlotSeen {
  if (summary.windowStart < slot.forgotten.before) return slot;
  const arms = slot.windows.get(summary.windowStart) ?? new Map<string, WindowSummarised>();
  const known = arms.get(armKey(summary));
  if (known && readOf(known) > readOf(summary)) return slot;
  return { ...slot, windows: put(slot.windows, summary.windowStart, put(arms, armKey(summary), summary)) };
}

function withArm(slot: SlotSeen, summary: WindowSummarised): SlotSeen {
  if (!summary.arm) return slot;
  const known = slot.arms.get(armKey(summary));
  const isNewer = !known?.arm || summary.arm.epoch > known.arm.epoch || (summary.arm.epoch === known.arm.epoch && readOf(summary) >= readOf(known));
  return isNewer ? { ...slot, arms: put(slot.arms, armKey(summary), summary) } : slot;
}

function forgetOld(slot: SlotSeen): SlotSeen {
  const before = Math.max(...slot.windows.keys()) - (windowsKept - 1) * windowMs;
  const old = [...slot.windows].filter(([windowStart]) => windowStart < before);
  if (old.length === 0) return slot;
  let { labelled, unpredicted } = slot.forgotten;
  for (const [, arms] of old) {
    for (const summary of arms.values()) {
      labelled += summary.labelled;
      if (summary.version === null) unpredicted += summary.labelled;
    }
  }
  return { ...slot, windows: new Map([...slot.windows].filter(([windowStart]) => windowStart >= before)), forgotten: { before, labelled, unpredicted } };
}

/** Positions only grow, so their sum orders the summaries of a slot. */
const readOf = ({ revision }: WindowSummarised): number => revision.vectors + revision.predictions + revision.labels;
const put = <K, V>(map: ReadonlyMap<K, V>, key: K, value: V): ReadonlyMap<K, V> => new Map(map).set(key, value);

export interface Champion {
  readonly version: number;
  readonly bundle: string;
}

/** Version of the newest CHAMPION predictions. */
export function championOf(seen: Seen, model: string): Champion | undefined {
  const arms = armsOf(seen, model).filter(({ role }) => role === 'CHAMPION');
  const newest = arms.reduce<WindowSummarised | undefined>((best, arm) => (best && best.arm!.epoch >= arm.arm!.epoch ? best : arm), undefined);
  return newest && { version: newest.version!, bundle: newest.bundle! };
}

/** Newest progress of each arm and slot. */
export function armsOf(seen: Seen, model: string): WindowSummarised[] {
  return [...(seen.models.get(model)?.values() ?? [])].flatMap((slot) => [...slot.arms.values()]);
}

/** Event time that all slots have reached; -Infinity while one is silent. */
export function modelTime(seen: Seen, model: string): number {
  const slots = seen.models.get(model);
  if (!slots || seen.slots === 0) return -Infinity;
  return Math.min(...Array.from({ length: seen.slots }, (_, slot) => slots.get(slot)?.slotTime ?? -Infinity));
}

/** Summaries of all slots and arms in the windows that begin in [from, to). */
export function summariesBetween(seen: Seen, model: string, from: number, to: number): WindowSummarised[] {
  return [...(seen.models.get(model)?.values() ?? [])].flatMap((slot) => [...slot.windows].filter(([start]) => start >= from && start < to).flatMap(([, arms]) => [...arms.values()]));
}

/** Labels of all windows, and of them those of events that nobody predicted. */
export function labelsOf(seen: Seen, model: string): { labelled: number; unpredicted: number } {
  const sum = { labelled: 0, unpredicted: 0 };
  for (const { forgotten } of seen.models.get(model)?.values() ?? []) {
    sum.labelled += forgotten.labelled;
    sum.unpredicted += forgotten.unpredicted;
  }
  for (const { labelled, version } of summariesBetween(seen, model, -Infinity, Infinity)) {
    sum.labelled += labelled;
    if (version === null) sum.unpredicted += labelled;
  }
  return sum;
}

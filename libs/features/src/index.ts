export { aggregates, type AggregateKind, type AggregateRules } from './aggregate.ts';
export { dayOfWeek, hourOfDay, minuteOfHour, offsetAt } from './calendar.ts';
export { clamp } from './clamp.ts';
export { LaneState, type Label, type Vector } from './lane-state.ts';
export { measures, type MeasureKind } from './measure.ts';
export type { AskPlan, Evaluator, FeaturePlan, Fields, JudgePlan, LaneEvent, LanePlan, Slot, StreamPlan, ViewPlan, WindowPlan } from './plan.ts';
export { repeatWindowMs } from './recent-ids.ts';
export { latenessMs } from './view-state.ts';

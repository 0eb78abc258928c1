import type { Outcome, Role } from '@millrace/contracts';

export interface Predicted {
  readonly version: number;
  readonly role: Role;
  readonly outcome: Outcome;
  /** In [0, 1]; null when there is none. */
  readonly score: number | null;
}

export interface KnownLabel {
  readonly value: 0 | 1;
  readonly labelTime: number;
  /** Lane position of the event that brought it. */
  readonly position: number;
  readonly laneTime: number;
}

/** What is known of one event: its vector, its prediction, its label, in whatever order they came. Replaced, never changed. */
export interface JoinedEvent {
  /** Ms since epoch; undefined while only the label is known. */
  readonly eventTime: number | undefined;
  readonly hasVector: boolean;
  readonly prediction: Predicted | undefined;
  readonly label: KnownLabel | undefined;
}

export const nothingKnown: JoinedEvent = { eventTime: undefined, hasVector: false, prediction: undefined, label: undefined };

/** The label that counts: the last by (label time, position). */
export function laterLabel(known: KnownLabel | undefined, label: KnownLabel): KnownLabel {
  if (!known) return label;
  const isLater = label.labelTime > known.labelTime || (label.labelTime === known.labelTime && label.position > known.position);
  return isLater ? label : known;
}

/** The label, if it lies within the horizon of the event. */
export function countingLabel({ eventTime, label }: JoinedEvent, horizonMs: number): KnownLabel | undefined {
  return label && eventTime !== undefined && Math.abs(label.labelTime - eventTime) <= horizonMs ? label : undefined;
}

import type { History } from './history.ts';

/** What is wrong with a history; all counts must be 0. */
export interface HistoryFaults {
  /** Posted records without one outcome. */
  outcomes: number;
  vectorsLost: number;
  vectorsDoubled: number;
  labelsLost: number;
  labelsDoubled: number;
  predictionsLost: number;
  predictionsDoubled: number;
  /** Predictions before the first route of their slot. */
  predictionsTooEarly: number;
  /** Places along a partition where the route epoch falls. */
  epochsFalling: number;
}

/** Every accepted departure has one vector, every arrival one label, every vector from the first adopted route of its slot on one prediction. */
export function faultsOf(history: History): HistoryFaults {
  const departures = history.ingested.filter(({ event }) => event.stream === 'departures').map(({ event }) => event.eventId.toString('hex'));
  const arrivals = history.ingested.filter(({ event }) => event.stream === 'arrivals');
  const ids = (records: readonly { event: { eventId: Buffer } }[]): string[] => records.map(({ event }) => event.eventId.toString('hex'));
  const vectors = compare(departures, ids(history.vectors));
  const labels = { lost: arrivals.length - new Set(ids(history.labels)).size, doubled: history.labels.length - new Set(ids(history.labels)).size };
  const first = firstRoutes(history);
  const due = history.vectors.filter(({ partition, offset }) => offset >= (first.get(partition) ?? Infinity));
  const predictions = compare(due.map(placeOf), history.predictions.map(placeOf));
  return {
    outcomes: history.posted.departures + history.posted.arrivals - history.ingested.length - history.rejected,
    vectorsLost: vectors.lost,
    vectorsDoubled: vectors.doubled,
    labelsLost: labels.lost,
    labelsDoubled: labels.doubled,
    predictionsLost: predictions.lost,
    predictionsDoubled: predictions.doubled,
    predictionsTooEarly: predictions.unknown,
    epochsFalling: fallingEpochs(history),
  };
}

const placeOf = ({ partition, event }: { partition: number; event: { eventId: Buffer } }): string => `${partition} ${event.eventId.toString('hex')}`;

function compare(wanted: readonly string[], found: readonly string[]): { lost: number; doubled: number; unknown: number } {
  const expected = new Set(wanted);
  const seen = new Set(found);
  return { lost: [...expected].filter((id) => !seen.has(id)).length, doubled: found.length - seen.size, unknown: [...seen].filter((id) => !expected.has(id)).length };
}

/** First offset of feature-vectors that each slot answers. */
function firstRoutes(history: History): Map<number, number> {
  const first = new Map<number, number>();
  for (const { slot, offset } of history.adoptions) first.set(slot, Math.min(offset, first.get(slot) ?? Infinity));
  return first;
}

function fallingEpochs({ predictions }: History): number {
  const newest = new Map<number, number>();
  let falling = 0;
  for (const { partition, event } of [...predictions].sort((a, b) => a.partition - b.partition || a.offset - b.offset)) {
    if (event.epoch < (newest.get(partition) ?? 0)) falling++;
    newest.set(partition, event.epoch);
  }
  return falling;
}

import { WindowSummarised } from '@millrace/contracts';
import type { MemoryLog } from './memory-log.ts';

const windowMs = 86_400_000;

/** What the slots say of how far they have read: every seventh time aborted first, and compacted at the end, as the broker does. */
export class SimulatedSummaries {
  private readonly log: MemoryLog;
  private readonly model: string;
  private said = 0;

  constructor(log: MemoryLog, model: string, slots: number) {
    this.log = log;
    this.model = model;
    for (let slot = 0; slot < slots; slot++) log.open(`window-summaries.${model}`, slot);
  }

  say(slot: number): void {
    const { log, model } = this;
    const topic = `window-summaries.${model}`;
    const next = (kind: string): number => log.end(`${kind}.${model}/${slot}`);
    const windowStart = Math.floor(log.now / windowMs) * windowMs;
    const summary = new WindowSummarised({
      model, slot, version: null, role: null, bundle: null, arm: null, windowStart, windowEnd: windowStart + windowMs, ok: 0, fallback: 0, failed: 0, labelled: 0, scoreSum: 0, labelledScoreSum: 0,
      labelSum: 0, lossSum: 0, correct: 0, negatives: Buffer.alloc(4), positives: Buffer.alloc(4), slotTime: log.now,
      revision: { vectors: next('feature-vectors'), predictions: next('predictions'), labels: next('labels') },
    });
    for (const visible of this.said++ % 7 === 0 ? [false, true] : [true]) {
      log.event(topic, slot, summary, { key: String(windowStart), visible });
      log.marker(topic, slot);
    }
  }

  /** Takes older records of a key away, but for the newest ten, which no cleaner has come to. */
  compact(): void {
    for (const [place, records] of this.log.records) {
      if (!place.startsWith('window-summaries.')) continue;
      const newest = new Map(records.map(({ key, offset }) => [key!.toString(), offset]));
      this.log.records.set(place, records.filter(({ key, offset }, i) => i >= records.length - 10 || newest.get(key!.toString()) === offset));
    }
  }
}

import type { Check, SeenRecord } from '../check.ts';
import { Violations, type Bounds } from '../violations.ts';

/** A rollback is final: along each partition of the predictions the route epoch never falls, and each slot adopts ever newer ones. */
export class EpochsCheck implements Check {
  readonly name = 'epochs';
  readonly promise = 'route epochs never fall along a partition of predictions, and rise with each adoption of a slot';
  readonly found: Violations;
  private readonly newest = new Map<string, number>();
  private readonly adopted = new Map<string, { epoch: number; offset: number }>();

  constructor(bounds: Bounds) {
    this.found = new Violations(bounds);
  }

  record(record: SeenRecord): void {
    const { event } = record;
    if (event?.stem === 'prediction-made') {
      const key = `${record.topic}/${record.partition}`;
      const before = this.newest.get(key) ?? 0;
      const { epoch } = event.fields;
      this.newest.set(key, Math.max(epoch, before));
      if (this.found.judges(record.timestamp) && epoch < before) this.found.add(record, `was answered under epoch ${epoch} behind answers under epoch ${before}`);
    }
    if (event?.stem === 'route-adopted') {
      const { model, slot, epoch, offset } = event.fields;
      const before = this.adopted.get(`${model}/${slot}`);
      this.adopted.set(`${model}/${slot}`, { epoch, offset });
      if (!this.found.judges(record.timestamp) || !before) return;
      if (epoch <= before.epoch) this.found.add(record, `slot ${slot} of ${model} adopts epoch ${epoch} after epoch ${before.epoch}`);
      if (offset < before.offset) this.found.add(record, `slot ${slot} of ${model} adopts epoch ${epoch} from offset ${offset} on, after epoch ${before.epoch} from ${before.offset} on`);
    }
  }
}

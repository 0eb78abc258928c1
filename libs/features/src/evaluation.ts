import type { Fields, Slot, StreamPlan } from './plan.ts';

/** Values of a stream's expressions for one event, each computed once, when first asked for. */
export class Evaluation {
  /** Expressions that failed. */
  failures = 0;
  private readonly plan: StreamPlan;
  private readonly fields: Fields;
  private readonly values: (number | string | undefined)[];

  constructor(plan: StreamPlan, fields: Fields) {
    this.plan = plan;
    this.fields = fields;
    this.values = new Array<undefined>(plan.expressions.length);
  }

  /** NaN when the expression failed or is no number. */
  number(slot: Slot): number {
    const value = this.values[slot] ?? this.evaluate(slot);
    return typeof value === 'number' ? value : Number.NaN;
  }

  /** Undefined when the expression failed. */
  text(slot: Slot): string | undefined {
    const value = this.values[slot] ?? this.evaluate(slot);
    return typeof value === 'string' ? value : Number.isNaN(value) ? undefined : String(value);
  }

  private evaluate(slot: Slot): number | string {
    let value: number | string;
    try {
      value = this.plan.expressions[slot]!(this.fields);
    } catch {
      this.failures++;
      value = Number.NaN;
    }
    this.values[slot] = value;
    return value;
  }
}

import type { Order, Payment } from './order-load.ts';

export type Ingested = { readonly stream: 'orders'; readonly event: Order } | { readonly stream: 'payments'; readonly event: Payment };

const minute = 60_000;
const hour = 60 * minute;
/** Older than any window and any late event; from so many on it is worth looking. */
const forgottenAfter = 3 * 24 * hour;
const worthwhile = 4000;
const floor = (time: number): number => Math.floor(time / minute) * minute;

/**
 * The features of the order model once more, in the plainest way: keeps all events of a customer and walks over them for each order. It
 * shares nothing with the platform's own fold, which it is there to check. Events must come in lane order, each once.
 *
 * @example
 * const fold = new IndependentFold();
 * const features = fold.add({ stream: 'orders', event }); // amount, items, orders6h, meanAmount6h, largest24h, shareLate24h; NaN = unknown
 */
export class IndependentFold {
  private readonly orders = new Map<string, Order[]>();
  private readonly payments = new Map<string, Payment[]>();

  /** Features of an order as of now, in the order of the definition; undefined for a payment. */
  add(ingested: Ingested): number[] | undefined {
    if (ingested.stream === 'payments') {
      put(this.payments, ingested.event.customer, ingested.event);
      return undefined;
    }
    const { event } = ingested;
    const now = floor(event.placedAt);
    const orders = this.orders.get(event.customer) ?? [];
    const recent = orders.filter(({ placedAt }) => floor(placedAt) > now - 6 * hour && floor(placedAt) <= now);
    const amounts = orders.filter(({ placedAt }) => floor(placedAt) >= now - 24 * hour && floor(placedAt) < now).map(({ amount }) => amount);
    const paid = (this.payments.get(event.customer) ?? []).filter(({ paidAt }) => floor(paidAt) > now - 24 * hour && floor(paidAt) <= now);
    const features = [
      event.amount,
      event.items,
      recent.length,
      mean(recent.map(({ amount }) => amount)),
      amounts.length > 0 ? Math.max(...amounts) : NaN,
      mean(paid.map(({ late }) => (late ? 1 : 0))),
    ];
    put(this.orders, event.customer, event);
    if (orders.length > worthwhile) this.forget(event.customer, now - forgottenAfter);
    return features;
  }

  /** Runs of hours would take the square of their length. */
  private forget(customer: string, before: number): void {
    this.orders.set(customer, (this.orders.get(customer) ?? []).filter(({ placedAt }) => placedAt >= before));
    this.payments.set(customer, (this.payments.get(customer) ?? []).filter(({ paidAt }) => paidAt >= before));
  }
}

function mean(values: readonly number[]): number {
  return values.length === 0 ? NaN : values.reduce((sum, value) => sum + value, 0) / values.length;
}

function put<T>(map: Map<string, T[]>, key: string, value: T): void {
  const known = map.get(key);
  if (known) known.push(value);
  else map.set(key, [value]);
}

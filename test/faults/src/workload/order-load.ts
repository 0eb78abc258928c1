import { Random } from '../random.ts';

export interface Order {
  readonly order: number;
  readonly customer: string;
  readonly placedAt: number;
  readonly amount: number;
  readonly items: number;
}
export interface Payment {
  readonly order: number;
  readonly customer: string;
  readonly paidAt: number;
  readonly late: boolean;
}
/** One thing to post: an event of a stream, or bytes that are none. */
export type Item = { readonly stream: 'orders'; readonly event: Order } | { readonly stream: 'payments'; readonly event: Payment } | { readonly stream: 'orders' | 'payments'; readonly poison: Poison };
export type Poison = 'garbage' | 'empty' | 'unknown-schema' | 'trailing' | 'invalid' | 'array-bomb' | 'from-the-future';

const poisons: readonly Poison[] = ['garbage', 'empty', 'unknown-schema', 'trailing', 'invalid', 'array-bomb', 'from-the-future'];
const begin = Date.UTC(2026, 0, 1);
const minute = 60_000;
/** Event time between two orders: 3,000 of them are six days. */
const defaultSpacing = 3 * minute;

/**
 * The posts of one run in their order, by seed. Orders come up to 20 min late, payments 1 to 3 h after their order (a few never), 3 % of all
 * once more, 1 % is poison. From a quarter on large orders are paid in time and small ones late, the other way round than before: the champion
 * becomes worse, and a second version has to be trained.
 *
 * @example for (const item of orderLoad({ seed: 7, orders: 3000 })) post(item);
 */
export function orderLoad({ seed, orders, poison = 0.01, spacing = defaultSpacing }: { readonly seed: number; readonly orders: number; readonly poison?: number; readonly spacing?: number }): Item[] {
  const random = new Random('load', seed);
  const timed: { at: number; item: Item }[] = [];
  for (let index = 0; index < orders; index++) {
    const placedAt = begin + Math.round(index * spacing);
    // Multiples of a quarter: their sums are exact whatever their order, so that an independent fold can be compared bit by bit.
    const event: Order = { order: index + 1, customer: `c${Math.floor(40 * random.next() ** 2)}`, placedAt, amount: random.whole(1, 1600) / 4, items: random.whole(1, 9) };
    const lateBy = random.chance(0.1) ? random.whole(1, 20) * minute : 0;
    const post = { at: placedAt + lateBy, item: { stream: 'orders', event } as const };
    timed.push(post);
    if (random.chance(0.03)) timed.push({ at: post.at + random.whole(0, 60) * minute, item: post.item });
    if (random.chance(poison)) timed.push({ at: post.at, item: { stream: random.pick(['orders', 'payments']), poison: random.pick(poisons) } });
    if (!random.chance(0.97)) continue;
    const paidAt = placedAt + random.whole(60, 180) * minute;
    const tendency = 4 * (event.amount / 400 - 0.5) * (index < 0.25 * orders ? 1 : -1);
    const payment = { at: paidAt + random.whole(0, 5) * minute, item: { stream: 'payments', event: { order: event.order, customer: event.customer, paidAt, late: random.chance(1 / (1 + Math.exp(-tendency))) } } as const };
    timed.push(payment);
    if (random.chance(0.03)) timed.push({ at: payment.at + random.whole(0, 60) * minute, item: payment.item });
  }
  return timed.sort((a, b) => a.at - b.at).map(({ item }) => item);
}

import type { Point } from './points.ts';

/** What happens at a point; the code that reached it goes on when this resolves. */
export type Act = (point: Point) => void | Promise<void>;

let act: Act | undefined;

/** From now on `next` is called at every point; undefined disarms. */
export function arm(next: Act | undefined): void {
  act = next;
}

/**
 * A place where a test may end, stop or delay the process. While nothing is armed it costs one comparison, and its `await` a turn of the microtask queue: once per batch, not per record.
 *
 * @example
 * await failPoint('snapshot.written');
 * await rename(temporary, path);
 * await failPoint('snapshot.named');
 */
export function failPoint(point: Point): void | Promise<void> {
  return act?.(point);
}

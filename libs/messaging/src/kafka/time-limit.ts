/** Resolves or rejects as `work` does; rejects with `why` when that takes longer than `ms`. `work` goes on: whoever calls ends it. */
export async function withinTime<T>(ms: number, work: Promise<T>, why: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => (timer = setTimeout(() => reject(Object.assign(new Error(`${why} within ${ms / 1000} s`), { retriable: true })), ms)));
  work.catch(() => undefined);
  try {
    return await Promise.race([work, limit]);
  } finally {
    clearTimeout(timer);
  }
}

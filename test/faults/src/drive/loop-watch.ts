import { setTimeout as delay } from 'node:timers/promises';
import type { Deployment } from './deployment.ts';

const everyMs = 5000;
/** A loop that its service, or whoever supervises it, has not brought back by then stays away. */
const failedForMs = 120_000;
/** So long nothing may be predicted: longer than any fault, its healing and the training of a first version last. */
const silentForMs = 240_000;

/**
 * Watches a deployment until the signal ends it.
 * @returns what has stood still for minutes, in words; undefined when nothing has
 */
export async function watchLoops(deployment: Deployment, signal: AbortSignal): Promise<string | undefined> {
  const since = new Map<string, number>();
  let last = { positions: '', at: performance.now() };
  while (!signal.aborted) {
    const standings = await deployment.standings();
    const now = performance.now();
    const failed = standings.flatMap((standing, index) => (standing?.loops ?? []).filter(({ state }) => state === 'failed').map(({ name, error }) => ({ what: `${name} of ${deployment.services[index]!.label}`, error })));
    for (const what of since.keys()) if (!failed.some((loop) => loop.what === what)) since.delete(what);
    for (const { what, error } of failed) {
      const from = since.get(what) ?? now;
      since.set(what, from);
      if (now - from > failedForMs) return `${what} has failed for ${failedForMs / 1000} s: ${error ?? 'it does not say why'}`;
    }
    const status = await deployment.all('console')[0]!.get<{ models: readonly { readonly champion: unknown; readonly versions: readonly unknown[] }[] }>('status');
    const positions = JSON.stringify(status?.models.map(({ versions }) => versions.length) ?? last.positions);
    if (positions !== last.positions) last = { positions, at: now };
    else if (now - last.at > silentForMs) return `no version was registered for ${silentForMs / 1000} s`;
    await delay(everyMs, undefined, { signal }).catch(() => undefined);
  }
  return undefined;
}

import type { Event } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import { inputOf } from './because.ts';
import { handlerError } from './handler-failed.ts';
import type { Outputs } from './outputs.ts';
import { runsOf } from './runs.ts';
import type { StreamHandler } from './stream-spec.ts';
import { BatchTrace } from './trace.ts';

/**
 * Hands a batch to its handlers, in runs of one event, and collects what they yield. Without `outputs` the batch is folded only.
 */
export async function runBatch(reads: readonly Read[], handlers: ReadonlyMap<string, StreamHandler>, state: StreamState, outputs: Outputs | undefined, attributes: Record<string, string | number>): Promise<void> {
  for (const [stem, run] of runsOf(reads)) {
    const handler = handlers.get(stem);
    if (handler) await runHandler(run, handler, state, outputs, attributes);
  }
}

async function runHandler(reads: readonly Read[], handler: StreamHandler, state: StreamState, outputs: Outputs | undefined, attributes: Record<string, string | number>): Promise<void> {
  let current: Read | undefined;
  const batch = {
    *[Symbol.iterator]() {
      for (const read of reads) yield (current = read);
    },
  };
  const trace = outputs ? new BatchTrace(handler.event.stem, attributes, reads) : undefined;
  try {
    const result = await handler.handleBatch(batch, state);
    if (!result) return trace?.end();
    const collect = (event: Event): void => outputs?.add({ event, publishes: handler.publishes, cause: trace?.cause(inputOf(event) ?? current) });
    if (Symbol.asyncIterator in result) for await (const event of result) collect(event);
    else for (const event of result) collect(event);
    trace?.end();
  } catch (error) {
    trace?.end(error);
    throw handlerError(handler.event.stem, error);
  }
}

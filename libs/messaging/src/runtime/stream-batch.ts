import { MillraceError, classOf } from '@millrace/contracts';
import type { Read } from '../handlers/read.ts';
import type { StreamState } from '../handlers/stream-state.ts';
import { inputOf } from './because.ts';
import type { Outputs } from './outputs.ts';
import type { StreamHandler } from './stream-spec.ts';
import { BatchTrace } from './trace.ts';

/** An error that would happen again with the same input: the loop stops, since skipping would change history silently. */
export class HandlerFailed extends MillraceError {
  constructor(stem: string, error: unknown) {
    super('HANDLER_FAILED', `the handler of ${stem} failed: ${(error as Error)?.message ?? String(error)}`, { cause: error, hint: 'see docs/runbooks/handler-failed.md' });
  }
}

/**
 * Hands a batch to its handlers, in runs of one event, and collects what they yield. Without `outputs` the batch is folded only.
 */
export async function runBatch(reads: readonly Read[], handlers: ReadonlyMap<string, StreamHandler>, state: StreamState, outputs: Outputs | undefined, attributes: Record<string, string | number>): Promise<void> {
  for (let from = 0; from < reads.length; ) {
    const { stem } = classOf(reads[from]!.event);
    let to = from + 1;
    while (to < reads.length && classOf(reads[to]!.event).stem === stem) to++;
    const handler = handlers.get(stem);
    if (handler) await runHandler(reads.slice(from, to), handler, state, outputs, attributes);
    from = to;
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
    const collect = (event: Parameters<Outputs['add']>[0]): void => outputs?.add(event, handler.publishes, trace?.cause(inputOf(event) ?? current));
    if (Symbol.asyncIterator in result) for await (const event of result) collect(event);
    else for (const event of result) collect(event);
    trace?.end();
  } catch (error) {
    trace?.end(error);
    if (error instanceof MillraceError && error.retriable) throw error;
    throw new HandlerFailed(handler.event.stem, error);
  }
}

/** An aborted transaction as a Fetch answer lists it; ids and offsets are int64 as text. */
export interface AbortedTransaction {
  producerId: string;
  firstOffset: string;
}

export interface FilteredMessage {
  offset: string;
  key: Buffer | null;
  isControlRecord: boolean;
  batchContext: { producerId: string; inTransaction: boolean };
}

/**
 * Follows which producers are inside an aborted transaction while offsets are read in rising order.
 *
 * The broker lists aborted transactions in no promised order, several may begin before the same record, and only a control
 * record ends one: a data record whose key looks like a marker does not
 * (Apache Kafka, `clients/.../consumer/internals/CompletedFetch.java`).
 *
 * @example
 * const aborts = new AbortTracker([{ producerId: '7', firstOffset: '3' }]);
 * aborts.advance(3); aborts.has('7') // true
 */
export class AbortTracker {
  private readonly waiting: { producerId: string; firstOffset: number }[];
  private readonly open = new Set<string>();
  private next = 0;

  constructor(aborted: readonly AbortedTransaction[]) {
    this.waiting = aborted
      .map(({ producerId, firstOffset }) => ({ producerId, firstOffset: Number(firstOffset) }))
      .sort((a, b) => a.firstOffset - b.firstOffset);
  }

  /** Opens every aborted transaction that begins at or before `offset`. */
  advance(offset: number): void {
    for (let head = this.waiting[this.next]; head && head.firstOffset <= offset; head = this.waiting[++this.next]) this.open.add(head.producerId);
  }

  /** Whether `producerId` is inside an aborted transaction at the offset last advanced to. */
  has(producerId: string): boolean {
    return this.open.has(producerId);
  }

  /** Notes the control record of `producerId` with the given key. */
  end(producerId: string, controlKey: Buffer | null): void {
    if (isAbortMarker(controlKey)) this.open.delete(producerId);
  }
}

/** Replaces kafkajs's `filterAbortedMessages`: what remains are control records and the records of no aborted transaction. */
export function withoutAborted<M extends FilteredMessage>(batch: { messages: M[]; abortedTransactions?: AbortedTransaction[] | null }): M[] {
  const { messages, abortedTransactions } = batch;
  if (!abortedTransactions || abortedTransactions.length === 0) return messages;
  const aborts = new AbortTracker(abortedTransactions);
  return messages.filter((message) => {
    const { producerId, inTransaction } = message.batchContext;
    aborts.advance(Number(message.offset));
    if (!message.isControlRecord) return !(inTransaction && aborts.has(producerId));
    aborts.end(producerId, message.key);
    return true;
  });
}

/** Key of a control record: version int16, then type int16 with 0 = abort, 1 = commit. */
function isAbortMarker(key: Buffer | null): boolean {
  return key !== null && key.length >= 4 && key.readInt16BE(2) === 0;
}

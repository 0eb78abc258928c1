/**
 * All places that a fault can be set on, and what stands on either side of them. A step of the protocol that changes something outside
 * the process has one before and one after it.
 */
export const points = {
  'transaction.connected': 'the producer is connected, the transactional id not yet fenced',
  'transaction.fenced': 'every earlier writer of the id is fenced, the committed offsets not yet read',
  'transaction.begin': 'before a transaction begins',
  'transaction.add-partitions': 'before the coordinator knows the output partitions',
  'transaction.send': 'before each produce request',
  'transaction.offsets': 'before the input offsets join the transaction',
  'transaction.commit': 'before the commit is asked for',
  'transaction.committed': 'the broker has answered the commit, memory does not know it yet',
  'batch.taken': 'inputs are fetched, no handler has seen them',
  'batch.handled': 'handlers have run, the transaction has not begun',
  'batch.ended': 'committed, and memory follows',
  'restore.begun': 'before a snapshot is looked for',
  'restore.loaded': 'the snapshot is in memory, the log behind it not yet folded',
  'restore.folded': 'the state is restored, nothing was read on',
  'decision.taken': 'inputs of a decider are taken, nothing is decided',
  'decision.decided': 'events are decided, the transaction has not begun',
  'decision.ended': 'committed, callers and jobs do not know it yet',
  'projection.read': 'records are read, nothing is written to the store',
  'projection.written': 'rows and position are written, memory does not know it yet',
  'snapshot.taken': 'pages of the state are taken, nothing is written',
  'snapshot.written': 'before the snapshot file gets its name',
  'snapshot.named': 'the file has its name, older ones are still there',
  'segment.written': 'before a Parquet file gets its name',
  'segment.claimed': 'the beginning of a segment is claimed, its file has no name yet',
  'segment.named': 'the file has its name, the writer does not know it yet',
  'bundle.written': 'before a bundle gets its name',
  'bundle.named': 'the bundle is there, nobody was told',
  'job.started': 'in the process of a job: the task is known, nothing is done',
  'job.done': 'in the process of a job: the result is known, the parent was not told',
  'job.heard': 'the parent has the result, the decider does not',
  'due.said': 'a state has said what is due without input (a route adopted, a model loaded), nothing is committed',
  'due.committed': 'what was due is committed, memory does not know it yet',
  'scoring.asked': 'in the process of a scorer: rows have come, the model has not run',
  'scoring.answered': 'in the process of a scorer: the model has run, the answer is not sent',
  'door.posting': 'an HTTP request is accepted, its records are not posted',
  'door.posted': 'the broker has acknowledged, the client has no answer yet',
} as const;

export type Point = keyof typeof points;

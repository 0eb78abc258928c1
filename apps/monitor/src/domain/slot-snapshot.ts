import { createHash } from 'node:crypto';
import { MillraceError } from '@millrace/contracts';
import type { JoinedEvent } from './joined-event.ts';
import type { ArmState, FoldContents, FoldView } from './slot-fold.ts';
import { WindowCell, armKey, type CellRecord } from './window-cell.ts';

/** Format of the lines below; a snapshot of another one is refused. */
const format = 1;
const linesPerPage = 2000;
const newline = 0x0a;

type EventRecord = readonly [id: string, eventTime: number | null, hasVector: 0 | 1, prediction: JoinedEvent['prediction'] | null, label: JoinedEvent['label'] | null];
type Line = { head: { format: number; clocks: (number | null)[]; sweptTo: number | null } } | { arm: ArmState } | { cell: CellRecord } | { event: EventRecord };

/** Contents as pages of JSON lines. */
export function* pagesOf(contents: FoldView): Iterable<Uint8Array> {
  let lines: string[] = [];
  for (const line of linesOf(contents)) {
    lines.push(JSON.stringify(line));
    if (lines.length < linesPerPage) continue;
    yield Buffer.from(`${lines.join('\n')}\n`);
    lines = [];
  }
  if (lines.length > 0) yield Buffer.from(`${lines.join('\n')}\n`);
}

/** @throws MillraceError SNAPSHOT_INVALID */
export async function contentsOf(pages: AsyncIterable<Uint8Array>): Promise<FoldContents> {
  const contents: FoldContents = { clocks: { vectors: -Infinity, predictions: -Infinity, labels: -Infinity }, sweptTo: -Infinity, arms: new Map(), cells: new Map(), events: new Map() };
  let seen = false;
  for await (const text of textLines(pages)) {
    const line = JSON.parse(text) as Line;
    if ('head' in line) {
      if (line.head.format !== format) throw invalid(`it has format ${line.head.format}, this version reads ${format}`);
      const [vectors, predictions, labels] = line.head.clocks.map(fromNull);
      contents.clocks = { vectors: vectors!, predictions: predictions!, labels: labels! };
      contents.sweptTo = fromNull(line.head.sweptTo);
      seen = true;
    } else if ('arm' in line) contents.arms.set(armKey(line.arm), line.arm);
    else if ('cell' in line) {
      const cell = WindowCell.fromJSON(line.cell);
      contents.cells.set(cell.key, cell);
    } else {
      const [id, eventTime, hasVector, prediction, label] = line.event;
      contents.events.set(Buffer.from(id, 'hex').toString('latin1'), { eventTime: eventTime ?? undefined, hasVector: hasVector === 1, prediction: prediction ?? undefined, label: label ?? undefined });
    }
  }
  if (!seen) throw invalid('it has no head');
  return contents;
}

/** SHA-256 over the contents, whatever the order in which they came about; windows that only wait to be summarised are left out. */
export function hashOf(contents: FoldView & { readonly settledTime: number }): string {
  const hash = createHash('sha256');
  const cells = new Map([...contents.cells].filter(([, cell]) => cell.windowEnd >= contents.settledTime));
  const { clocks, sweptTo, arms, events } = contents;
  for (const line of [...linesOf({ clocks, sweptTo, arms, cells, events })].map((each) => JSON.stringify(each)).sort()) hash.update(line).update('\n');
  return hash.digest('hex');
}

function* linesOf({ clocks, sweptTo, arms, cells, events }: FoldView): Iterable<Line> {
  yield { head: { format, clocks: [clocks.vectors, clocks.predictions, clocks.labels].map(toNull), sweptTo: toNull(sweptTo) } };
  for (const arm of arms.values()) yield { arm };
  for (const cell of cells.values()) yield { cell: cell.toJSON() };
  for (const [id, { eventTime, hasVector, prediction, label }] of events)
    yield { event: [Buffer.from(id, 'latin1').toString('hex'), eventTime ?? null, hasVector ? 1 : 0, prediction ?? null, label ?? null] };
}

async function* textLines(pages: AsyncIterable<Uint8Array>): AsyncIterable<string> {
  let rest = Buffer.alloc(0);
  for await (const page of pages) {
    const bytes = Buffer.concat([rest, page]);
    let from = 0;
    for (let end = bytes.indexOf(newline); end >= 0; end = bytes.indexOf(newline, from)) {
      yield bytes.toString('utf8', from, end);
      from = end + 1;
    }
    rest = bytes.subarray(from);
  }
  if (rest.length > 0) throw invalid('its last line has no end');
}

// JSON has no infinity.
const toNull = (time: number): number | null => (time === -Infinity ? null : time);
const fromNull = (time: number | null): number => time ?? -Infinity;
const invalid = (why: string): MillraceError => new MillraceError('SNAPSHOT_INVALID', `the snapshot cannot be read: ${why}`, { hint: 'delete it: the slot is then folded from its topics' });

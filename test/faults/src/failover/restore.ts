import { mkdtempSync, rmSync, statSync, readdirSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { SnapshotStore } from '@millrace/archive';
import { compilePlan, parseDefinitions } from '@millrace/definitions';
import { LaneState } from '@millrace/features';
import { canonical } from '../workload/encode-item.ts';

/*
 * How long a new owner of a feature-store lane needs to restore it, by size: one tile per event. A snapshot is written and read as the
 * service does it, and the log behind it (200,000 records at most, or what comes in 20 s) is folded.
 *
 *   node --conditions=@millrace/source test/faults/src/failover/restore.ts --tiles 100000,1000000 --report restore.json
 */
const { values } = parseArgs({ options: { tiles: { type: 'string', default: '10000,100000,1000000' }, report: { type: 'string' } } });
const begin = Date.UTC(2026, 0, 1);
const hour = 3_600_000;
const behind = 200_000;
const plan = compilePlan(parseDefinitions(canonical.json));
const rows: { tiles: number; snapshotMb: number; takenMs: number; restoredMs: number; foldedPerSecond: number; rssMb: number; worstMs: number; worstCpuMs: number }[] = [];

for (const tiles of values.tiles.split(',').map(Number)) {
  const state = new LaneState(undefined);
  state.activate(plan);
  for (let index = 0; index < tiles; index++) fold(state, index, tiles);
  const folder = mkdtempSync(join(tmpdir(), 'millrace-restore-'));
  const store = new SnapshotStore(folder);
  const taking = performance.now();
  const pages: Uint8Array[] = [];
  for await (const page of state.snapshot()) pages.push(page);
  const takenMs = performance.now() - taking;
  await store.write('lane', tiles, {}, (async function* () { yield* pages; })());
  const [file] = readdirSync(join(folder, 'snapshots', 'lane'));
  const snapshotMb = statSync(join(folder, 'snapshots', 'lane', file!)).size / 1e6;
  pages.length = 0;

  const restoring = performance.now();
  const restoringCpu = process.cpuUsage();
  const restored = new LaneState(undefined);
  restored.activate(plan);
  const found = (await store.latest('lane'))!;
  await restored.restore(found.pages());
  const restoredMs = performance.now() - restoring;
  const restoredCpuMs = cpuMs(restoringCpu);
  if (restored.hash() !== state.hash()) throw new Error('the restored state is another one');
  const folding = performance.now();
  const foldingCpu = process.cpuUsage();
  const records = Math.min(behind, tiles);
  for (let index = 0; index < records; index++) fold(restored, tiles + index, tiles);
  const foldedPerSecond = records / ((performance.now() - folding) / 1000);
  const foldedCpuMs = cpuMs(foldingCpu) * (behind / records);
  const row = { tiles, snapshotMb, takenMs, restoredMs, foldedPerSecond, rssMb: process.memoryUsage.rss() / 1e6, worstMs: restoredMs + (behind / foldedPerSecond) * 1000, worstCpuMs: restoredCpuMs + foldedCpuMs };
  rows.push(row);
  console.log(Object.entries(row).map(([name, value]) => `${name} ${Math.round(value * 10) / 10}`).join('  '));
  rmSync(folder, { recursive: true, force: true });
}
if (values.report) writeFileSync(values.report, `${JSON.stringify({ ok: true, checks: [], figures: { rows } }, null, 2)}\n`);

/** Processor time since then, which other processes of the machine do not change. */
function cpuMs(since: NodeJS.CpuUsage): number {
  const { user, system } = process.cpuUsage(since);
  return (user + system) / 1000;
}

/** Orders of ever other customers and minutes, all within the longest window: each makes a tile. */
function fold(state: LaneState, index: number, tiles: number): void {
  const at = begin + Math.floor((index / tiles) * 20 * hour);
  const eventId = Buffer.alloc(16);
  eventId.writeUInt32BE(index, 0);
  eventId.writeUInt32BE(Math.imul(index, 0x9e3779b1) >>> 0, 4);
  const event = { stream: 'orders', eventId, eventTime: at, acceptedAt: at, position: index, fields: { order: index, customer: `c${index % Math.max(40, tiles / 100)}`, placedAt: at, amount: (index % 1600) / 4, items: 1 } };
  state.asks(event);
  state.judges(event);
  state.learn(event);
}

import { describe, expect, it } from '@jest/globals';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readTopic, testKafka } from '@millrace/testing';
import { checkKillRun } from './check-kill-run.ts';
import { killRun } from './kill-run.ts';

const faults = Number(process.env['MILLRACE_KILL_FAULTS'] ?? 8);
const seed = Number(process.env['MILLRACE_KILL_SEED'] ?? 7);

describe('two workers under SIGKILL and SIGSTOP, with waits between all steps of the protocol', () => {
  it(`lose nothing, double nothing and keep their states (${faults} faults, seed ${seed}; read by librdkafka)`, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'millrace-kill-run-'));
    const { brokers } = await testKafka();
    const run = await killRun({ brokers, folder, seed, faults, pauseMs: 4 });
    const findings = await checkKillRun(run, folder, (topic) => readTopic({ brokers, topic }));
    expect(findings).toEqual({ inputs: findings.inputs, inputsLost: 0, inputsDoubled: 0, inputsInvented: 0, lost: 0, doubled: 0, invented: 0, misnumbered: 0, disordered: 0, wrongStates: 0, lostAt: [] });
    expect(findings.inputs).toBeGreaterThan(1000);
    await rm(folder, { recursive: true });
  }, 240_000);
});

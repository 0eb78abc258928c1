import { execFileSync } from 'node:child_process';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { childrenOf, signalTo } from '../drive/processes.ts';
import { giveCommand } from './give-command.ts';
import type { FaultContext, Scenario } from './scenario.ts';

const seconds = (of: number, signal: AbortSignal): Promise<void> => delay(of * 1000, undefined, { signal }).catch(() => undefined);

export const broker: Scenario = {
  name: 'broker',
  about: 'SIGKILL and restart of the only broker, or it stands still for some seconds',
  target: 'broker',
  every: [4, 9],
  async inject({ deployment, random, note, signal }) {
    const node = deployment.kafka.cluster.node(0);
    if (random.chance(0.4)) {
      const pause = random.between(1, 8);
      note(`the broker stands still for ${pause.toFixed(1)} s`);
      node.pause();
      await seconds(pause, signal);
      node.resume();
      return true;
    }
    note('SIGKILL of the broker');
    await node.kill();
    await node.start();
    note('the broker is back');
    return true;
  },
};

export const postgres: Scenario = {
  name: 'postgres',
  about: 'the database stands still for 3 s to a minute',
  target: 'database',
  every: [2, 6],
  async inject({ deployment, random, note, signal }) {
    const pause = random.chance(0.2) ? 60 : random.between(3, 20);
    note(`the database stands still for ${pause.toFixed(1)} s`);
    const all = [deployment.database.pid, ...childrenOf(deployment.database.pid)];
    const stopped = all.map((pid) => signalTo(pid, 'SIGSTOP'));
    // The minute lasts a minute, also when nothing is posted any more.
    await (pause === 60 ? delay(60_000) : seconds(pause, signal));
    for (const pid of all) signalTo(pid, 'SIGCONT');
    return stopped[0]!;
  },
};

export const postgresRestart: Scenario = {
  name: 'postgres-restart',
  about: 'the database ends in order or by SIGKILL, stays away for some seconds and starts again',
  target: 'database',
  every: [1, 5],
  async inject({ deployment, random, note }) {
    const signal = random.pick(['SIGINT', 'SIGKILL', 'SIGKILL'] as const);
    const away = random.between(0, 5);
    note(`${signal} of the database, away for ${away.toFixed(1)} s`);
    await deployment.restartDatabase(signal, away * 1000);
    note('the database is back');
    return true;
  },
};

export const scoringChild: Scenario = {
  name: 'scoring-child',
  about: 'the process that runs a model is killed, hangs, or answers NaN',
  every: [0.5, 2],
  // Now and then it hits the golden rows of a model that is loaded, which ends its rollout. In trainer and registry it would end most versions.
  failPointsOf: { inference: 'scoring.computed=fail%2' },
  async inject({ deployment, random, note, signal }) {
    const inference = random.pick(deployment.all('inference'));
    const children = inference.pid === undefined ? [] : childrenOf(inference.pid);
    if (children.length === 0) return false;
    const child = random.pick(children);
    if (random.chance(0.5)) {
      note('SIGKILL of a scorer');
      return signalTo(child, 'SIGKILL');
    }
    note('a scorer hangs');
    if (!signalTo(child, 'SIGSTOP')) return false;
    await seconds(random.between(1, 15), signal);
    signalTo(child, 'SIGCONT');
    return true;
  },
};

export const diskFull: Scenario = {
  name: 'disk-full',
  about: 'no space left for archive, snapshots and bundles for some seconds',
  every: [2, 5],
  impossible: () => (process.getuid?.() === 0 && process.platform === 'linux' ? undefined : 'a file system of its own can only be mounted by root on Linux'),
  async prepare({ deployment }) {
    mkdirSync(deployment.artifacts, { recursive: true });
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=64m', 'tmpfs', deployment.artifacts]);
  },
  async inject({ deployment, random, note, signal }) {
    const pause = random.between(1, 8);
    note(`no space left for ${pause.toFixed(1)} s`);
    const file = join(deployment.artifacts, 'filler');
    try {
      writeFileSync(file, Buffer.alloc(64 << 20));
    } catch {
      // It is full now, which is what was wanted.
    }
    await seconds(pause, signal);
    rmSync(file, { force: true });
    return true;
  },
};

/** Loaded into every service: its clock jumps when the file in MILLRACE_CLOCK_FILE says so. */
const steppedClock = new URL('../drive/stepped-clock.js', import.meta.url).href;

export const clock: Scenario = {
  name: 'clock',
  about: 'the clock of all services steps back and forth by up to an hour',
  every: [1, 4],
  nodeOptions: ['--import', steppedClock],
  async inject({ deployment, random, note }) {
    const offset = Math.round(random.chance(0.5) ? random.between(-3600, 0) : random.between(0, 3600)) * 1000;
    note(`the clock is off by ${offset / 1000} s`);
    writeFileSync(join(deployment.options.folder, 'clock'), String(offset));
    return true;
  },
  async heal({ deployment }) {
    writeFileSync(join(deployment.options.folder, 'clock'), '0');
  },
};

export const rollback: Scenario = {
  name: 'rollback',
  about: 'an operator rolls back again and again while services are killed',
  every: [1, 3],
  async inject(context: FaultContext) {
    const { deployment, random, note } = context;
    const standing = await deployment.all('console')[0]!.get<{ models: readonly { champion: unknown }[] }>('status');
    // Before there is a champion a rollback would only end the first rollout: nothing would answer for the rest of the run.
    if (!standing?.models[0]?.champion || random.chance(0.5)) {
      const service = random.pick(deployment.services);
      note(`SIGKILL ${service.label}`);
      return service.end('SIGKILL');
    }
    return giveCommand(context, 'ROLL_BACK', { id: `k${random.next()}`, why: 'to see what it does' });
  },
};

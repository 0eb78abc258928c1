import { addressOf } from './console-address.ts';
import { ConsoleClient, type ModelStatus } from './console-client.ts';
import { lagOf, serviceStatus, type ServiceStatus } from './service-client.ts';
import { startOrder } from '../supervisor/service-names.ts';
import type { UpState } from '../supervisor/state-file.ts';

export interface ServiceOverview {
  readonly name: string;
  readonly pid: number | null;
  readonly address: string | null;
  readonly restarts: number;
  /** Null while it does not answer. */
  readonly lag: number | null;
  readonly memoryBytes: number | null;
  /** Loops that do not run, with the reason where one is known. */
  readonly troubles: readonly string[];
  readonly jobs: ServiceStatus['jobs'];
}

export interface PlatformOverview {
  readonly dataDir: string;
  readonly brokers: string;
  readonly databaseUrl: string;
  readonly workspace: string;
  readonly servers: UpState['servers'];
  readonly services: readonly ServiceOverview[];
  readonly models: readonly Pick<ModelStatus, 'name' | 'champion' | 'epoch' | 'rollout'>[];
  readonly rejected: number | null;
}

/** State of all that runs on a data folder. A service that does not answer has nulls; the others are told all the same. */
export async function platformOverview(state: UpState, dataDir: string): Promise<PlatformOverview> {
  const services = await Promise.all(startOrder.map((name) => overviewOf(state, name)));
  const platform = await new ConsoleClient(safeAddress(state, 'console') ?? 'http://127.0.0.1:0').status().catch(() => undefined);
  return {
    dataDir,
    brokers: state.brokers,
    databaseUrl: withoutPassword(state.databaseUrl),
    workspace: state.workspace,
    servers: state.servers,
    services,
    models: (platform?.models ?? []).map(({ name, champion, epoch, rollout }) => ({ name, champion, epoch, rollout })),
    rejected: platform?.rejected.total ?? null,
  };
}

async function overviewOf(state: UpState, name: string): Promise<ServiceOverview> {
  const { pid, restarts } = state.services[name] ?? { pid: undefined, restarts: 0 };
  const address = safeAddress(state, name);
  const status = address === null ? undefined : await serviceStatus(address).catch(() => undefined);
  const troubles = (status?.loops ?? []).filter((loop) => loop.state !== 'running').map((loop) => `${loop.name} ${loop.state}${loop.error ? `: ${loop.error}` : ''}`);
  return { name, pid: pid ?? null, address, restarts, lag: status ? lagOf(status) : null, memoryBytes: status?.memoryBytes ?? null, troubles, jobs: status?.jobs ?? [] };
}

function safeAddress(state: UpState, service: string): string | null {
  try {
    return addressOf(state, service);
  } catch {
    return null;
  }
}

/** Addresses are shown and pasted around. */
function withoutPassword(url: string): string {
  try {
    const parsed = new URL(url);
    if (parsed.password) parsed.password = '***';
    return parsed.href;
  } catch {
    return url;
  }
}

import { askDoor } from './http-door.ts';

/** What every service says of itself at `GET /status`. */
export interface ServiceStatus {
  readonly service: string;
  readonly pid: number;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
  readonly loops: readonly { readonly name: string; readonly state: string; readonly lag: Readonly<Record<string, number>>; readonly error?: string }[];
  readonly jobs: readonly { readonly job: string; readonly id: string; readonly share: number; readonly text: string; /** Only waits for data. */ readonly waiting: boolean }[];
}

export async function serviceStatus(address: string): Promise<ServiceStatus> {
  return (await askDoor(address, 'GET', '/status')) as ServiceStatus;
}

/** Records behind, over all loops and topics. */
export function lagOf({ loops }: Pick<ServiceStatus, 'loops'>): number {
  return loops.reduce((sum, { lag }) => sum + Object.values(lag).reduce((records, each) => records + each, 0), 0);
}

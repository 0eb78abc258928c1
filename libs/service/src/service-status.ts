import type { JobProgress, LoopStanding } from '@millrace/messaging';
import type { AdmissionStanding } from './http/admission.ts';
import type { Shared } from './shared.ts';

/** How a service stands. */
export interface ServiceStatus {
  readonly service: string;
  readonly instance: string;
  readonly pid: number;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
  readonly door: AdmissionStanding;
  readonly loops: readonly LoopStanding[];
  readonly jobs: readonly JobProgress[];
}

/** Loops with their lag, running jobs, memory of this process. */
export function serviceStatus({ strategy, service, options, door }: Shared): ServiceStatus {
  return { service, instance: options.instance, pid: process.pid, memoryBytes: process.memoryUsage.rss(), door: door.admission.standing(), loops: strategy!.runtime.states(), jobs: strategy!.runtime.jobs() };
}

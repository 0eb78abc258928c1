import type { JobProgress, LoopStanding } from '@millrace/messaging';
import type { Shared } from './shared.ts';

/** How a service stands. */
export interface ServiceStatus {
  readonly service: string;
  readonly instance: string;
  readonly pid: number;
  /** Resident memory, bytes. */
  readonly memoryBytes: number;
  readonly loops: readonly LoopStanding[];
  readonly jobs: readonly JobProgress[];
}

/** Loops with their lag, running jobs, memory of this process. */
export function serviceStatus({ strategy, service, options }: Shared): ServiceStatus {
  return { service, instance: options.instance, pid: process.pid, memoryBytes: process.memoryUsage.rss(), loops: strategy!.runtime.states(), jobs: strategy!.runtime.jobs() };
}

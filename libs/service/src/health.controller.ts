import { Controller, Get, HttpException } from '@nestjs/common';
import type { JobProgress, LoopStanding } from '@millrace/messaging';
import { Shared } from './shared.ts';

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

/** What supervisors and operators ask of any service. */
@Controller()
export class HealthController {
  private readonly shared: Shared;

  constructor(shared: Shared) {
    this.shared = shared;
  }

  @Get('health/live')
  live(): { status: 'ok' } {
    return { status: 'ok' };
  }

  @Get('health/ready')
  ready(): { status: 'ok' } {
    const waiting = this.status().loops.filter(({ state }) => state !== 'running');
    if (waiting.length > 0) throw new HttpException({ status: 'starting', waiting }, 503);
    return { status: 'ok' };
  }

  /** Loops with their lag, running jobs, memory. */
  @Get('status')
  status(): ServiceStatus {
    const { strategy, service, options } = this.shared;
    return { service, instance: options.instance, pid: process.pid, memoryBytes: process.memoryUsage.rss(), loops: strategy!.runtime.states(), jobs: strategy!.runtime.jobs() };
  }
}

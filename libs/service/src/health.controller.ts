import { Controller, Get, HttpException } from '@nestjs/common';
import { Shared } from './shared.ts';

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
  status() {
    const { strategy, service, options } = this.shared;
    return { service, instance: options.instance, pid: process.pid, memoryBytes: process.memoryUsage.rss(), loops: strategy!.runtime.states(), jobs: strategy!.runtime.jobs() };
  }
}

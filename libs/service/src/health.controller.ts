import { Controller, Get, HttpException } from '@nestjs/common';
import { serviceStatus } from './service-status.ts';
import { Shared } from './shared.ts';

/** What supervisors ask of any service. */
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
    const waiting = serviceStatus(this.shared).loops.filter(({ state }) => state !== 'running');
    if (waiting.length > 0) throw new HttpException({ code: 'STARTING', error: `${waiting.length} of its loops do not run yet`, hint: 'ask again after the seconds of Retry-After', retriable: true, status: 'starting', waiting }, 503);
    return { status: 'ok' };
  }
}

import { Controller, Get } from '@nestjs/common';
import { serviceStatus, type ServiceStatus } from './service-status.ts';
import { Shared } from './shared.ts';

/** `GET /status` of every service that has no wider answer of its own. */
@Controller()
export class StatusController {
  private readonly shared: Shared;

  constructor(shared: Shared) {
    this.shared = shared;
  }

  @Get('status')
  status(): ServiceStatus {
    return serviceStatus(this.shared);
  }
}

import { Controller, Get } from '@nestjs/common';
import { Shared, serviceStatus, type ServiceStatus } from '@millrace/service';
import { platformStatus, type PlatformStatus } from '../domain/status.ts';
import { ReadState } from './read-state.ts';

@Controller()
export class StatusController {
  constructor(
    private readonly shared: Shared,
    private readonly state: ReadState,
  ) {}

  /** State of everything, beside what every service says of itself. */
  @Get('status')
  status(): ServiceStatus & PlatformStatus & { brokers: readonly string[] } {
    return { ...serviceStatus(this.shared), ...platformStatus(this.state.definitions(), this.state.store.board), brokers: this.shared.options.brokers };
  }
}

import { Controller, HttpCode, Post } from '@nestjs/common';
import type { RebuildReport } from '../domain/model-rows.ts';
import { Rebuild } from '../rebuild.ts';

@Controller()
export class RebuildController {
  private readonly rebuild: Rebuild;
  private running: Promise<RebuildReport> | undefined;

  constructor(rebuild: Rebuild) {
    this.rebuild = rebuild;
  }

  /** Folds the log beside the live rows and answers how they differ; the live rows stay as they are. Who asks meanwhile gets the same answer. */
  @Post('rebuild')
  @HttpCode(200)
  run(): Promise<RebuildReport> {
    this.running ??= this.rebuild.run().finally(() => (this.running = undefined));
    return this.running;
  }
}

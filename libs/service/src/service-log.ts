import type { LoggerService } from '@nestjs/common';
import type { LoopLog } from '@millrace/messaging';

type Level = 'info' | 'warn' | 'error';

/** One JSON line per message on stdout: time, level, service, text. */
export class ServiceLog implements LoopLog, LoggerService {
  private readonly service: string;

  constructor(service: string) {
    this.service = service;
  }

  info(text: string): void {
    this.write('info', text);
  }

  warn(text: unknown): void {
    this.write('warn', String(text));
  }

  error(text: unknown, stack?: unknown): void {
    this.write('error', String(text), typeof stack === 'string' && stack.includes('\n') ? stack : undefined);
  }

  /** Nest's own start-up lines: not wanted. */
  log(): void {
    return;
  }

  private write(level: Level, text: string, stack?: string): void {
    process.stdout.write(`${JSON.stringify({ time: new Date().toISOString(), level, service: this.service, text, ...(stack ? { stack } : {}) })}\n`);
  }
}

import { Catch, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import { errorAnswer } from './http/error-answer.ts';
import type { ServiceLog } from './service-log.ts';

/** Errors as HTTP: code, sentence, hint and whether to try again. What nobody planned goes into the log with its stack. */
@Catch()
export class MillraceExceptionFilter implements ExceptionFilter {
  private readonly log: ServiceLog;

  constructor(log: ServiceLog) {
    this.log = log;
  }

  catch(error: unknown, host: ArgumentsHost): void {
    const { status, body, retryAfter, unexpected } = errorAnswer(error);
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (unexpected) this.log.error(`a request failed: ${error instanceof Error ? error.message : String(error)}`, error instanceof Error ? error.stack : undefined);
    if (retryAfter !== undefined) void reply.header('retry-after', String(retryAfter));
    void reply.status(status).send(body);
  }
}

import { Catch, HttpException, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import { MillraceError } from '@millrace/contracts';
import type { FastifyReply } from 'fastify';

const statuses: Readonly<Record<string, number>> = { NOT_FOUND: 404, CONFLICT: 409, REFUSED: 409, TOO_LARGE: 413, UNSUPPORTED_MEDIA_TYPE: 415 };

/** Errors of ours as HTTP: code, sentence, hint and whether to try again. A retriable one is 503 with Retry-After. */
@Catch()
export class MillraceExceptionFilter implements ExceptionFilter {
  catch(error: unknown, host: ArgumentsHost): void {
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (error instanceof MillraceError) {
      if (error.retriable) void reply.header('retry-after', '1');
      const { code, message, hint, retriable } = error;
      void reply.status(error.retriable ? 503 : (statuses[code] ?? 400)).send({ code, error: message, hint, retriable });
    } else if (error instanceof HttpException) void reply.status(error.getStatus()).send(error.getResponse());
    else void reply.status((error as { statusCode?: number }).statusCode ?? 500).send({ code: 'INTERNAL', error: (error as Error).message, retriable: false });
  }
}

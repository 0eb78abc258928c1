import type { CallHandler, ExecutionContext, NestInterceptor } from '@nestjs/common';
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, context, propagation, trace } from '@opentelemetry/api';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Observable } from 'rxjs';

/**
 * The span of a request at an HTTP door: child of what the caller's headers name. The handler runs in it, and the request's own trace
 * headers are replaced by it, so that records which carry them on lead back to the door. A GET that nobody traces has none: health
 * and pages are polled.
 */
export class TraceInterceptor implements NestInterceptor {
  intercept(execution: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = execution.switchToHttp().getRequest<FastifyRequest>();
    if (request.method === 'GET' && request.headers['traceparent'] === undefined) return next.handle();
    const parent = propagation.extract(ROOT_CONTEXT, request.headers);
    const route = request.routeOptions.url;
    const span = trace.getTracer('millrace.service').startSpan(
      `${request.method} ${route ?? ''}`.trimEnd(),
      { kind: SpanKind.SERVER, attributes: { 'http.request.method': request.method, 'url.path': request.url.split('?', 1)[0]!, ...(route === undefined ? {} : { 'http.route': route }) } },
      parent,
    );
    const { raw: response } = execution.switchToHttp().getResponse<FastifyReply>();
    // Errors become answers behind this interceptor: only what was sent tells how it ended.
    response.once('close', () => {
      span.setAttribute('http.response.status_code', response.statusCode);
      if (response.statusCode >= 500 || !response.writableFinished) span.setStatus({ code: SpanStatusCode.ERROR });
      span.end();
    });
    const own = trace.setSpan(parent, span);
    propagation.inject(own, request.headers);
    return new Observable((subscriber) => context.with(own, () => next.handle().subscribe(subscriber)));
  }
}

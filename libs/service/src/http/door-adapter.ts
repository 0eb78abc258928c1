import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyServerOptions } from 'fastify';
import { bodyLimit } from './door-limits.ts';
import { answerMalformed, createDoorServer } from './door-server.ts';
import { clientOf, type Door } from './door.ts';
import { errorAnswer } from './error-answer.ts';
import { readJson } from './read-json.ts';

/** Where a request stands: bytes of its body that are counted, and what ends the work on it. */
interface Course {
  bytes: number;
  leave: (() => void) | undefined;
}

/**
 * Fastify behind a door. Bodies are JSON and nothing else. A request counts as worked on from the moment that its body is complete, so
 * that slow senders take no place from others, and until its handler has answered, even when its client has gone.
 */
export function doorAdapter(door: Door): FastifyAdapter {
  const options: FastifyServerOptions = {
    bodyLimit,
    serverFactory: (handler) => createDoorServer(door, handler),
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, _request, reply) => {
      const { status, body } = errorAnswer(error);
      void (reply as FastifyReply).status(status).send(body);
    },
  };
  const adapter = new FastifyAdapter(options);
  const fastify = adapter.getInstance();
  const courses = new WeakMap<IncomingMessage, Course>();
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(null, readJson(body as Buffer));
    } catch (error) {
      done(error as Error, undefined);
    }
  });
  fastify.addHook('preParsing', (request, _reply, payload, done) => {
    const course: Course = { bytes: 0, leave: undefined };
    courses.set(request.raw, course);
    payload.on('data', (chunk: Buffer) => {
      // What comes after the answer is thrown away.
      if (courses.get(request.raw) !== course) return;
      course.bytes += chunk.length;
      door.admission.count(chunk.length);
    });
    done(null, payload);
  });
  fastify.addHook('preValidation', (request, _reply, done) => {
    if (request.url.startsWith('/health/')) return done();
    const client = clientOf(request.raw);
    // Others may have come first while the body was on its way.
    const refused = door.admission.refusal(client, 0);
    const course = courses.get(request.raw);
    if (!refused && course) course.leave = door.admission.enter(client);
    done(refused);
  });
  fastify.addHook('onSend', (request, reply, _payload, done) => {
    // A connection that is closed while its client still sends destroys the answer; its time is limited anyway.
    if (reply.statusCode === 413) reply.removeHeader('connection');
    const course = courses.get(request.raw);
    if (course) {
      courses.delete(request.raw);
      door.admission.count(-course.bytes);
      course.leave?.();
    }
    done();
  });
  return adapter;
}


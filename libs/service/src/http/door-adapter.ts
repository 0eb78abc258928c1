import type { IncomingMessage } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyReply, FastifyRequest, FastifyServerOptions } from 'fastify';
import type { MillraceError } from '@millrace/contracts';
import { bodyLimit } from './door-limits.ts';
import { answerMalformed, createDoorServer } from './door-server.ts';
import { asksForHealth, bodyBytesOf, clientOf, type Door } from './door.ts';
import { errorAnswer } from './error-answer.ts';
import { readBody } from './read-body.ts';
import { readJson } from './read-json.ts';

/** What a request has of its door until it is answered. */
interface Course {
  readonly client: string;
  bytes: number;
  leave: (() => void) | undefined;
}

/**
 * Fastify behind a door. Bodies are JSON and nothing else. The bytes that a request announces are held for it from its headers on. It
 * counts as worked on from the moment that its body is complete, so that slow senders take no place from others, and until its handler
 * has answered, even when its client has gone.
 */
export function doorAdapter(door: Door): FastifyAdapter {
  const options: FastifyServerOptions = {
    bodyLimit,
    // The door itself says that it stops, in its own shape, and health is asked to the end.
    return503OnClosing: false,
    serverFactory: (handler) => createDoorServer(door, handler),
    clientErrorHandler: answerMalformed,
    frameworkErrors: (error, _request, reply) => {
      const { status, body } = errorAnswer(error);
      void (reply as FastifyReply).status(status).send(body);
    },
  };
  const adapter = new FastifyAdapter(options);
  const fastify = adapter.getInstance();
  const { admission } = door;
  const courses = new WeakMap<IncomingMessage, Course>();
  const courseOf = (raw: IncomingMessage): Course => {
    let course = courses.get(raw);
    if (!course) courses.set(raw, (course = { client: clientOf(raw), bytes: 0, leave: undefined }));
    return course;
  };
  const hold = (course: Course, bytes: number): void => {
    admission.hold(course.client, bytes - course.bytes);
    course.bytes = bytes;
  };
  /** Others may have come first while the body was on its way. */
  const refusedWork = (course: Course): MillraceError | undefined => {
    if (course.leave) return undefined;
    const refused = admission.refusal(course.client, 0);
    if (!refused) course.leave = admission.enter(course.client);
    return refused;
  };
  fastify.removeAllContentTypeParsers();
  fastify.addContentTypeParser('application/json', async ({ raw }: FastifyRequest, payload: IncomingMessage) => {
    const announced = bodyBytesOf(raw);
    const course = courseOf(raw);
    const refused = admission.refusal(course.client, announced);
    if (refused) throw refused;
    hold(course, announced);
    const body = await readBody(payload, raw.headers['transfer-encoding'] === undefined ? announced : undefined);
    hold(course, body.length);
    const refusedNow = refusedWork(course);
    if (refusedNow) throw refusedNow;
    return readJson(body);
  });
  fastify.addHook('preValidation', ({ raw }, _reply, done) => done(asksForHealth(raw) ? undefined : refusedWork(courseOf(raw))));
  fastify.addHook('onSend', ({ raw }, reply, _payload, done) => {
    // A connection that is closed while its client still sends destroys the answer; its time is limited anyway.
    if (door.isStopping) void reply.header('connection', 'close');
    else reply.removeHeader('connection');
    const course = courses.get(raw);
    if (course) {
      courses.delete(raw);
      hold(course, 0);
      course.leave?.();
    }
    done();
  });
  return adapter;
}


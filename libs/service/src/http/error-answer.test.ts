import { HttpException, NotFoundException } from '@nestjs/common';
import { expect, it } from '@jest/globals';
import { MillraceError } from '@millrace/contracts';
import { errorAnswer } from './error-answer.ts';

it.each([
  [new MillraceError('INVALID_FIELD', 'a field is missing', { hint: 'add it' }), { status: 400, body: { code: 'INVALID_FIELD', error: 'a field is missing', hint: 'add it', retriable: false } }],
  [new MillraceError('NOT_READY', 'still starting', { retriable: true }), { status: 503, retryAfter: 1, body: { code: 'NOT_READY', error: 'still starting', hint: undefined, retriable: true } }],
  [new MillraceError('TOO_MANY_REQUESTS', 'more than its share', { retriable: true }), { status: 429, retryAfter: 1, body: { code: 'TOO_MANY_REQUESTS', error: 'more than its share', hint: undefined, retriable: true } }],
  [new HttpException({ status: 'starting', waiting: [] }, 503), { status: 503, retryAfter: 1, body: { status: 'starting', waiting: [] } }],
])('%s', (error, answer) => expect(errorAnswer(error)).toEqual(answer));

it.each([
  ['the 404 of the framework, which repeats the address', new NotFoundException('Cannot GET /a<script>'), 404, 'NOT_FOUND'],
  ['an error of the framework', Object.assign(new Error('secret'), { statusCode: 415 }), 415, 'UNSUPPORTED_MEDIA_TYPE'],
  ['an error that nobody planned', new TypeError("cannot read 'x' of undefined at /srv/app.js:1:2"), 500, 'INTERNAL'],
  ['what is no error at all', undefined, 500, 'INTERNAL'],
])('says nothing of the inside for %s', (_, error, status, code) => {
  const answer = errorAnswer(error);
  expect(answer).toMatchObject({ status, body: { code, hint: expect.any(String), retriable: false } });
  expect(JSON.stringify(answer)).not.toMatch(/secret|script|srv|undefined/);
});

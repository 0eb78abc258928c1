import { expect, it } from '@jest/globals';
import { recordHeaders } from './record-headers.ts';

const traceparent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`;

it('names one event by what the request calls it, and those of an array by their places', () => {
  const headers = { 'ce-id': 'e-1', 'idempotency-key': 'k-1' };
  expect(recordHeaders(headers, undefined)).toEqual({ 'ce_id': 'e-1', 'idempotency-key': 'k-1' });
  expect([0, 1].map((index) => recordHeaders(headers, index))).toEqual([{ 'idempotency-key': 'k-1/0' }, { 'idempotency-key': 'k-1/1' }]);
});

it('carries a trace context on as far as it is one: each of 1,000 records would repeat it', () => {
  expect(recordHeaders({ traceparent, tracestate: 'a=1' }, 3)).toEqual({ traceparent, tracestate: 'a=1' });
  expect(recordHeaders({ traceparent, tracestate: 'a'.repeat(513) }, 3)).toEqual({ traceparent });
  expect(recordHeaders({ traceparent: 'x'.repeat(9000), tracestate: 'a=1' }, 3)).toEqual({});
});

it.each(['', 'with space', 'ü', 'a'.repeat(201)])("refuses '%s' as a name", (name) => {
  expect(() => recordHeaders({ 'idempotency-key': name }, 0)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
  expect(() => recordHeaders({ 'ce-id': name }, undefined)).toThrow(expect.objectContaining({ code: 'INVALID_REQUEST' }));
});

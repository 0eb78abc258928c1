import { createRequire } from 'node:module';
import { describe, expect, it } from '@jest/globals';
import { frameRequest } from './request-frame.ts';
import { encodeProduceBody, type ProduceMessage, type ProduceRequest } from './slab-produce-body.ts';
import { sizeOfVarint, writeVarint } from './varint.ts';

const require = createRequire(import.meta.url);
type Encoded = { buffer: Buffer };
const stockProduce = require('kafkajs/src/protocol/requests/produce/v3/request.js') as (request: unknown) => { encode(): Promise<Encoded> };
const stockFrame = require('kafkajs/src/protocol/request.js') as (frame: unknown) => Promise<Encoded>;
const stockEncoder = require('kafkajs/src/protocol/encoder.js') as { new (): { writeVarLong(value: unknown): Encoded } };

const START = 1_700_000_000_000;

function request(messages: ProduceMessage[], transactionalId: string | null = 'workspace.é.0'): ProduceRequest {
  return {
    acks: -1, timeout: 30_000, transactionalId, producerId: '9007199254740993', producerEpoch: 3,
    topicData: [
      { topic: 'vectors.flight-delay', partitions: [{ partition: 2, firstSequence: 17, messages }, { partition: 3, firstSequence: 0, messages: messages.slice(0, 3) }] },
      { topic: 'labels', partitions: [{ partition: 0, firstSequence: 5, messages: messages.slice(0, 1) }] },
    ],
  };
}

describe('encodeProduceBody', () => {
  it('equals the stock encoder byte for byte, checksum included, for 1,000 records of every kind', async () => {
    const messages: ProduceMessage[] = Array.from({ length: 1000 }, (_, i) => ({
      key: i % 4 === 0 ? `key-${'ü'.repeat(i % 40)}${i}` : i % 4 === 1 ? Buffer.alloc(16, i) : i % 4 === 2 ? null : Buffer.alloc(100, i),
      value: i % 3 === 0 ? Buffer.alloc(i, i) : i % 3 === 1 ? `wert-${i}` : null,
      timestamp: String(START + ((i * 7919) % 5_000)),
      ...(i % 5 === 0 ? {} : { headers: { traceparent: `00-${i}-01`, raw: Buffer.from([0, 255, i & 255]), several: ['a', Buffer.from('ß')], empty: '' } }),
    }));
    expect(encodeProduceBody(request(messages), START).equals((await stockProduce(request(messages)).encode()).buffer)).toBe(true);
    expect(encodeProduceBody(request(messages, null), START).equals((await stockProduce(request(messages, null)).encode()).buffer)).toBe(true);
  });

  it.each([{ ce_type: 'short' }, { ce_type: 'x'.repeat(100) }, {}, undefined])('equals the stock encoder when records share their headers: %j', async (headers) => {
    const messages: ProduceMessage[] = Array.from({ length: 10 }, (_, i) => ({ key: `${i}`, value: Buffer.alloc(i), timestamp: String(START), ...(i % 5 === 4 ? { headers: { other: `${i}` } } : headers ? { headers } : {}) }));
    expect(encodeProduceBody(request(messages), START).equals((await stockProduce(request(messages)).encode()).buffer)).toBe(true);
  });

  it('equals the stock encoder when timestamps lie years apart', async () => {
    const messages = [{ value: 'a', timestamp: '1000000000000' }, { value: 'b', timestamp: '1700000000000' }, { value: 'c', timestamp: '1200000000000' }];
    expect(encodeProduceBody(request(messages), START).equals((await stockProduce(request(messages)).encode()).buffer)).toBe(true);
  });

  it('stamps records without a timestamp with the given time', () => {
    const stamped = encodeProduceBody(request([{ value: 'a', timestamp: START }]), 1);
    expect(encodeProduceBody(request([{ value: 'a' }]), START).equals(stamped)).toBe(true);
  });
});

describe('frameRequest', () => {
  it('equals the stock frame byte for byte', async () => {
    const body = encodeProduceBody(request([{ value: 'a', timestamp: START }]), START);
    const encoded = stockProduce(request([{ value: 'a', timestamp: String(START) }]));
    const frame = { correlationId: 77, clientId: 'millrace-é', request: { apiKey: 0, apiVersion: 7 } };
    const own = await frameRequest({ ...frame, request: { ...frame.request, encode: async () => ({ buffer: body }) } });
    expect(own.buffer.equals((await stockFrame({ ...frame, request: { ...frame.request, encode: () => encoded.encode() } })).buffer)).toBe(true);
  });
});

describe('writeVarint', () => {
  it.each([0, -1, 1, 63, 64, -64, -65, 8191, 8192, 2 ** 30, 2 ** 31, -(2 ** 31) - 1, 2 ** 40 + 5, -(2 ** 45)])('writes %d as the stock encoder does', (value) => {
    const target = Buffer.alloc(10);
    const end = writeVarint(target, 0, value);
    expect(end).toBe(sizeOfVarint(value));
    expect(target.subarray(0, end)).toEqual(new stockEncoder().writeVarLong(BigInt(value)).buffer);
  });
});

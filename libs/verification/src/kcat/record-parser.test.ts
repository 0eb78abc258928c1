import { describe, expect, it } from '@jest/globals';
import { RecordParser } from './record-parser.ts';

const end = 'abcdef0123456789abcdef01';
const printed = Buffer.concat([
  Buffer.from('0 7 1000 3 4\n'), Buffer.from('key'), Buffer.from([10, 0, 255, 10]), Buffer.from(`a=1,b=2${end}`),
  Buffer.from(`1 8 1001 -1 -1\n${end}`),
  Buffer.from(`1 9 1002 0 ${end.length}\n${end}${end}`), // a value that looks like the end
]);

describe('RecordParser', () => {
  it.each([1, 2, 3, 7, 31, 1000])('cuts the same records out of pieces of %i bytes', (size) => {
    const parser = new RecordParser(end);
    const records = [];
    for (let at = 0; at < printed.length; at += size) records.push(...parser.add(printed.subarray(at, at + size)));
    expect(records).toEqual([
      { partition: 0, offset: 7, timestamp: 1000, key: Buffer.from('key'), value: Buffer.from([10, 0, 255, 10]), headers: Buffer.from('a=1,b=2') },
      { partition: 1, offset: 8, timestamp: 1001, key: null, value: null, headers: Buffer.alloc(0) },
      { partition: 1, offset: 9, timestamp: 1002, key: Buffer.alloc(0), value: Buffer.from(end), headers: Buffer.alloc(0) },
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { diskFaultOf } from './disk-fault.ts';

const fault = (code: string): string => diskFaultOf(Object.assign(new Error(code), { code }), '/data/out.json')?.message ?? 'none';

describe('faults of the file system', () => {
  it('say which file or folder and what is the matter', () => {
    expect([fault('ENOSPC'), fault('EACCES'), fault('ENOENT'), fault('EBUSY')]).toEqual([
      'the disk of /data/out.json is full', '/data/out.json cannot be written', '/data is no folder', 'none',
    ]);
  });
});

import { describe, expect, it } from '@jest/globals';
import { Admission } from './admission.ts';

const codeOf = (admission: Admission, client: string, bytes = 0): string | undefined => admission.refusal(client, bytes)?.code;

describe('Admission', () => {
  it('takes on as many requests as it may, and more when some have ended', () => {
    const admission = new Admission({ requests: 2, bytes: 100 });
    const [leave] = [admission.enter('a'), admission.enter('a')];
    expect(codeOf(admission, 'a')).toBe('OVERLOADED');
    leave!();
    expect(codeOf(admission, 'a')).toBeUndefined();
    expect(admission.standing()).toEqual({ requests: 1, bytes: 0, refused: 1 });
  });

  it('counts many events in one request by their bytes, and lets in who brings none', () => {
    const admission = new Admission({ requests: 10, bytes: 100 });
    admission.hold('a', 60);
    expect(codeOf(admission, 'b', 40)).toBeUndefined();
    expect(codeOf(admission, 'b', 41)).toBe('OVERLOADED');
    admission.hold('b', 40);
    expect([codeOf(admission, 'c', 1), codeOf(admission, 'c'), codeOf(admission, 'a')]).toEqual(['OVERLOADED', undefined, undefined]);
    admission.hold('a', -60);
    expect(codeOf(admission, 'a', 60)).toBeUndefined();
  });

  it('lets no client hold more bytes than it leaves to others, but its first body', () => {
    const admission = new Admission({ requests: 1000, bytes: 1200 });
    const fill = (client: string): number => {
      let held = 0;
      for (; codeOf(admission, client, 10) === undefined; held += 10) admission.hold(client, 10);
      expect(codeOf(admission, client, 10)).toBe('TOO_MANY_REQUESTS');
      return held;
    };
    expect([fill('a'), fill('b'), fill('c')]).toEqual([600, 300, 150]);
    expect(codeOf(admission, 'd', 150)).toBeUndefined();
    expect(codeOf(admission, 'd', 151)).toBe('OVERLOADED');
    admission.hold('a', -600);
    expect(codeOf(admission, 'a', 750)).toBeUndefined();
  });

  it('refuses the client that has more than its share of a door that others use, and not the others', () => {
    const admission = new Admission({ requests: 8, bytes: 100 });
    for (let count = 0; count < 5; count++) admission.enter('greedy');
    expect(codeOf(admission, 'greedy')).toBeUndefined();
    admission.enter('modest');
    expect(codeOf(admission, 'greedy')).toBe('TOO_MANY_REQUESTS');
    expect(codeOf(admission, 'modest')).toBeUndefined();
    expect(codeOf(admission, 'another')).toBeUndefined();
  });

  it('says that the same request may be answered later', () => {
    const admission = new Admission({ requests: 1, bytes: 100 });
    admission.enter('a');
    expect(admission.refusal('a', 0)).toMatchObject({ retriable: true, hint: expect.stringContaining('Retry-After') });
  });
});

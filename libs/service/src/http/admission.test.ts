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

  it('counts many events in one request by their bytes', () => {
    const admission = new Admission({ requests: 10, bytes: 100 });
    admission.count(60);
    expect(codeOf(admission, 'a', 40)).toBeUndefined();
    expect(codeOf(admission, 'a', 41)).toBe('OVERLOADED');
    admission.count(-60);
    expect(codeOf(admission, 'a', 41)).toBeUndefined();
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

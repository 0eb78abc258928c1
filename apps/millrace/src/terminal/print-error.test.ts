import { describe, expect, it } from '@jest/globals';
import { MillraceError } from '@millrace/contracts';
import { errorText, exitCodeOf } from './print-error.ts';

// eslint-disable-next-line no-control-regex -- colours depend on where the tests run
const plain = (text: string): string => text.replace(/\u001B\[\d+m/g, '');
const missing = new MillraceError('JAVA_MISSING', 'java was not found', { hint: 'install a JDK 17', cause: new Error('ENOENT') });

describe('errors on the terminal', () => {
  it('say what is wrong and what to do, and nothing else', () => expect(plain(errorText(missing, false))).toBe('error: java was not found\n hint: install a JDK 17'));

  it('say all with --verbose', () => {
    expect(plain(errorText(missing, true))).toContain('error: java was not found (JAVA_MISSING)');
    expect(errorText(missing, true)).toContain('caused by Error: ENOENT');
  });

  it('show the stack of what nobody foresaw', () => expect(errorText(new TypeError('x is undefined'), false)).toContain('print-error.test'));

  it('end with 2 when it was refused and 1 when it failed', () => {
    expect(exitCodeOf(new MillraceError('CONFLICT', 'nothing to go back to'))).toBe(2);
    expect(exitCodeOf(missing)).toBe(1);
    expect(exitCodeOf(new TypeError('x'))).toBe(1);
  });
});

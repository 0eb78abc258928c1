import { describe, expect, it } from '@jest/globals';
import { Screen } from './screen.ts';

function screenOf(isTTY: boolean): { screen: Screen; written: () => string } {
  let text = '';
  return { screen: new Screen({ isTTY, columns: 100, write: (part) => (text += part) }), written: () => text };
}

describe('the screen', () => {
  it('keeps the bottom line below the lines that stay, on a terminal', () => {
    const { screen, written } = screenOf(true);
    screen.line('one');
    screen.status('10 %');
    screen.line('two');
    screen.status('');
    expect(written()).toBe('one\n\r\u001B[2K10 %\r\u001B[2Ktwo\n10 %\r\u001B[2K');
  });

  it('has plain lines only in a file', () => {
    const { screen, written } = screenOf(false);
    screen.status('10 %');
    screen.line('one');
    expect(written()).toBe('one\n');
  });
});

/** Where text goes: a terminal or a file. */
export interface Output {
  readonly isTTY?: boolean;
  readonly columns?: number;
  write(text: string): unknown;
}

/** Lines that stay, and below them, on a terminal only, one line that is drawn anew again and again. */
export class Screen {
  private readonly out: Output;
  private bottom = '';

  constructor(out: Output) {
    this.out = out;
  }

  get isTerminal(): boolean {
    return this.out.isTTY === true;
  }

  /** Columns that the bottom line may take. */
  get width(): number {
    return (this.out.columns ?? 80) - 1;
  }

  line(text: string): void {
    this.out.write(this.bottom === '' ? `${text}\n` : `\r\u001B[2K${text}\n${this.bottom}`);
  }

  /** Sets the bottom line; an empty one clears it. Nothing happens where there is no terminal. */
  status(text: string): void {
    if (!this.isTerminal || text === this.bottom) return;
    this.bottom = text;
    this.out.write(`\r\u001B[2K${text}`);
  }
}

/** What a batch overwrote: steps that put it back, newest first. */
export class UndoLog {
  private steps: (() => void)[] = [];

  record(step: () => void): void {
    this.steps.push(step);
  }

  undo(): void {
    for (let i = this.steps.length - 1; i >= 0; i--) this.steps[i]!();
    this.steps = [];
  }
}

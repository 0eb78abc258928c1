/** Where loops say what happened, one line each. */
export interface LoopLog {
  info(text: string): void;
  warn(text: string): void;
  error(text: string): void;
}

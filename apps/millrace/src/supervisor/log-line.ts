/** One line that a service wrote. */
export interface LogLine {
  readonly service: string;
  readonly level: 'info' | 'warn' | 'error';
  readonly text: string;
  readonly stack?: string | undefined;
}

/** Reads a line of a service's stdout; what is no JSON line of its log (a warning of the runtime, a crash) counts as `error`. */
export function parseLogLine(service: string, line: string): LogLine {
  if (line.startsWith('{')) {
    try {
      const { level, text, stack } = JSON.parse(line) as Partial<LogLine>;
      if (typeof text === 'string' && (level === 'info' || level === 'warn' || level === 'error')) return { service, level, text, stack };
    } catch {
      // A line cut in the middle by the end of its process.
    }
  }
  return { service, level: 'error', text: line };
}

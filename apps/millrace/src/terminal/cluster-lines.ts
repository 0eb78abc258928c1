import pc from 'picocolors';
import type { ClusterReporter } from '../supervisor/local-cluster.ts';
import type { LogLine } from '../supervisor/log-line.ts';
import type { Screen } from './screen.ts';

const longestName = 'feature-store'.length;
const marks = { info: pc.dim('info '), warn: pc.yellow('warn '), error: pc.red('error') };

/** Shows a cluster's life: its own lines, and the warnings and errors of its services; all they say with `verbose`. */
export function clusterLines(screen: Screen, verbose: boolean): ClusterReporter {
  return {
    say: (text) => screen.line(`${pc.green('▸')} ${text}`),
    warn: (text) => screen.line(`${pc.yellow('!')} ${text}`),
    log: (line) => {
      if (verbose || line.level !== 'info') screen.line(logText(line, verbose));
    },
  };
}

/** A log line with its service in front. */
export function logText({ service, level, text, stack }: LogLine, verbose: boolean): string {
  return `${pc.cyan(service.padEnd(longestName))} ${marks[level]} ${text}${verbose && stack ? `\n${pc.dim(stack)}` : ''}`;
}

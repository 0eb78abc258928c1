import pc from 'picocolors';
import type { TimelineEntry } from '../client/console-client.ts';
import { minuteText } from '../terminal/figures.ts';

const good = new Set(['model-trained', 'model-version-approved', 'rollout-completed']);
const bad = new Set(['training-failed', 'model-version-rejected', 'rollout-aborted', 'model-load-failed']);

/** One line of the story: the event time that the world had reached, and what happened. */
export function timelineLine(entry: TimelineEntry, worldTime: number): string {
  return `${pc.dim(minuteText(worldTime))}  ${markOf(entry)} ${entry.text}`;
}

function markOf({ kind, figures }: TimelineEntry): string {
  if (good.has(kind)) return pc.green('✓');
  if (bad.has(kind)) return pc.red('✗');
  if (kind === 'performance-reported') return (figures['violations'] as readonly string[] | undefined)?.length ? pc.yellow('!') : pc.dim('·');
  return pc.cyan('→');
}

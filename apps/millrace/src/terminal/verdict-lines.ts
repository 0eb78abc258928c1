import pc from 'picocolors';
import type { CheckResult, Verdict } from '@millrace/verification';
import { counted } from './figures.ts';

/** What a checker found, for people: each promise with whether it holds, then what does not, with its place. */
export function verdictLines({ ok, checks, figures }: Verdict): string[] {
  const width = Math.max(...checks.map(({ name }) => name.length));
  const waiting = Object.entries(figures).filter(([name, value]) => name.endsWith('Waiting') && typeof value === 'number' && value > 0);
  return [
    ...checks.flatMap((check) => [`${check.ok ? pc.green('✓') : pc.red('✗')} ${check.name.padEnd(width)}  ${check.promise} ${pc.dim(`(${judgedText(check)})`)}`, ...violationLines(check)]),
    '',
    ...waiting.map(([name, value]) => pc.dim(`still on their way: ${counted(value as number)} ${name.slice(0, -'Waiting'.length)}`)),
    ok ? pc.green('every promise holds') : pc.red(`${checks.filter((check) => !check.ok).length} of ${checks.length} promises are broken`),
  ];
}

const judgedText = ({ judged, value, detail }: CheckResult): string => detail ?? `${counted(judged)} records judged${value > 0 ? `, ${counted(value)} violations` : ''}`;

function violationLines({ value, violations }: CheckResult): string[] {
  const lines = violations.map(({ topic, partition, offset, sentence }) => `    ${offset < 0 ? topic : `${topic}/${partition} offset ${offset}`}: ${sentence}`);
  return value > violations.length ? [...lines, `    and ${counted(value - violations.length)} more`] : lines;
}

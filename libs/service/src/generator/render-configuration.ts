import type { Options } from '../option.ts';

/** Variables that belong together on the page. */
export interface OptionGroup {
  title: string;
  about: string;
  options: Options;
}

/** docs/configuration.md. */
export function renderConfiguration(groups: readonly OptionGroup[]): string {
  const tables = groups.map(({ title, about, options }) => [`## ${title}`, '', about, '', '| variable | default | meaning |', '|---|---|---|', ...Object.values(options).map(rowOf)].join('\n'));
  return `# Configuration

Generated from the options in the code by \`npm run generate\`. Do not edit.

Everything is an environment variable. A service reads all of them once, when it starts, and refuses to start with a list of what
is missing or wrong. An empty variable counts as not set.

${tables.join('\n\n')}
`;
}

function rowOf({ variable, about, fallback }: Options[string]): string {
  const standard = fallback === undefined ? 'required' : fallback === '' ? 'empty' : `\`${fallback}\``;
  return `| \`${variable}\` | ${standard} | ${about.replaceAll('|', '\\|')} |`;
}

/**
 * Lints by the project's own configuration and writes a report as JSON: of texts (stdin: [{ at, text }]), or of the whole checkout
 * (argument `--all`). A process of its own: Jest's module loader is not made for ESLint's configuration files.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { createProjectGraphAsync } from '@nx/devkit';
import { ESLint, type Linter } from 'eslint';
import { root } from './root.ts';

export interface Text {
  /** Where the text would lie, from the root. */
  at: string;
  text: string;
}

export interface Finding {
  at: string;
  line: number;
  rule: string | null;
  message: string;
}

export interface LintReport {
  findings: Finding[];
  /** Names of the project's own rules. */
  layout: string[];
}

// Without a fresh graph of the projects the rule of their boundaries is silent, or knows nothing of new ones.
await createProjectGraphAsync();
const eslint = new ESLint({ cwd: root });
const { default: blocks } = (await import(path.join(root, 'eslint.config.mjs'))) as { default: Linter.Config[] };
const layout = blocks.flatMap(({ plugins }) => Object.keys(plugins?.['layout']?.rules ?? {})).map((name) => `layout/${name}`);

const all = process.argv.includes('--all');
const texts = all ? [] : (JSON.parse(readFileSync(0, 'utf8')) as Text[]);
const results = all ? await eslint.lintFiles(['.']) : (await Promise.all(texts.map(({ at, text }) => eslint.lintText(text, { filePath: path.join(root, at) })))).flat();
const findings = results.flatMap(({ filePath, messages }) => messages.map(({ line, ruleId, message }): Finding => ({ at: path.relative(root, filePath), line, rule: ruleId, message })));
process.stdout.write(JSON.stringify({ findings, layout } satisfies LintReport), () => process.exit(0));

#!/usr/bin/env node
// Stands here, beside what is built, so that npm can link it before anything is.
import { existsSync } from 'node:fs';

const main = new URL('../dist/main.js', import.meta.url);
if (!existsSync(main)) {
  console.error('error: millrace is not built\n  hint: npm run build');
  process.exit(1);
}
await import(main.href);

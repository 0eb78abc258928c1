/** Loaded before a service (`--expose-gc --import`): at SIGUSR2 it collects garbage and appends time and used heap, bytes, to a file of this process. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';

const folder = process.env['MILLRACE_HEAP_FOLDER'];
const collect = (globalThis as { gc?: () => void }).gc;

// The processes of jobs inherit this; they end soon and are not asked.
if (folder && collect && !process.env['MILLRACE_JOB']) {
  process.on('SIGUSR2', () => {
    collect();
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    appendFileSync(join(folder, `${process.env['MILLRACE_INSTANCE']}.heap`), `${Date.now()} ${heapUsed} ${external} ${rss}\n`);
  });
} else process.on('SIGUSR2', () => undefined);

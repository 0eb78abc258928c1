/** Loaded before a service (`--expose-gc --import`): at SIGUSR2 it collects garbage and appends time, used heap, external memory, resident memory and compiled code of the heap, ms and bytes, to a file of this process. */
import { appendFileSync } from 'node:fs';
import { join } from 'node:path';
import { getHeapCodeStatistics } from 'node:v8';

const folder = process.env['MILLRACE_HEAP_FOLDER'];
const collect = (globalThis as { gc?: () => void }).gc;

// The processes of jobs inherit this; they end soon and are not asked.
if (folder && collect && !process.env['MILLRACE_JOB']) {
  process.on('SIGUSR2', () => {
    collect();
    collect();
    const { heapUsed, external, rss } = process.memoryUsage();
    const { code_and_metadata_size: code, bytecode_and_metadata_size: bytecode } = getHeapCodeStatistics();
    appendFileSync(join(folder, `${process.env['MILLRACE_INSTANCE']}.heap`), `${Date.now()} ${heapUsed} ${external} ${rss} ${code + bytecode}\n`);
  });
} else process.on('SIGUSR2', () => undefined);

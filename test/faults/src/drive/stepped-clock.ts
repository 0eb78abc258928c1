/** Loaded before a service (`--import`): `Date.now()` is off by the milliseconds that stand in the file MILLRACE_CLOCK_FILE. */
import { readFileSync } from 'node:fs';

const file = process.env['MILLRACE_CLOCK_FILE'];
const now = Date.now.bind(Date);
let offset = 0;

if (file) {
  Date.now = () => now() + offset;
  setInterval(() => {
    try {
      offset = Number(readFileSync(file, 'utf8')) || 0;
    } catch {
      offset = 0;
    }
  }, 100).unref();
}

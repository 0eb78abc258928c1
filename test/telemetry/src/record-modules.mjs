// Preloaded into a service: writes the addresses of all modules that it has loaded to the file MODULES_FILE when it ends.
import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

const loaded = new Set();
registerHooks({
  load(url, context, nextLoad) {
    loaded.add(url);
    return nextLoad(url, context);
  },
});
process.on('exit', () => writeFileSync(process.env.MODULES_FILE, [...loaded].join('\n')));

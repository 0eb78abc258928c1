import { fuzzChild } from './fuzz-child.ts';
import type { FuzzTarget } from './fuzz-target.ts';

/** Targets whose seed names the run that never returns, or that ends its process; the two runs before it are a finding and a sound one. */
const harmful = (harm: () => void) => (): FuzzTarget => ({
  codes: new Set(),
  prepare: (seed, run) => ({
    what: `input ${run}`,
    execute: async () => {
      if (run === seed) harm();
    },
    judge: () => (run === seed - 2 ? 'is wrong' : undefined),
  }),
});

await fuzzChild({
  endless: harmful(() => {
    for (;;);
  }),
  ending: harmful(() => process.kill(process.pid, 'SIGKILL')),
});

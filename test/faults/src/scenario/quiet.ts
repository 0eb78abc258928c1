import type { Scenario } from './scenario.ts';

/** The control: what is wrong without any fault is no consequence of one. */
export const quiet: Scenario = {
  name: 'quiet',
  about: 'no fault at all',
  every: [3600, 3600],
  isControl: true,
  failPoints: '',
  async inject() {
    return false;
  },
};

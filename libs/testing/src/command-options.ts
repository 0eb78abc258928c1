/** Says what is wrong with the options of a command, and ends it with code 2. */
export function refuseOptions(what: string): never {
  console.error(`error: ${what}`);
  process.exit(2);
}

/**
 * A whole number from the command line.
 *
 * @example wholeOption('runs', '5', 1); // 5; '5x' and '0' end the command
 */
export function wholeOption(name: string, text: string, least = 0): number {
  const value = text.trim() === '' ? NaN : Number(text);
  return Number.isSafeInteger(value) && value >= least ? value : refuseOptions(`--${name}: '${text}' is no whole number from ${least} on`);
}

/** A number above 0 from the command line, which need not be whole. */
export function positiveOption(name: string, text: string): number {
  const value = Number(text);
  return value > 0 && Number.isFinite(value) ? value : refuseOptions(`--${name}: '${text}' is no number above 0`);
}

/** One run of a seed, `SEED:RUN`, from the command line. */
export function runOption(name: string, text: string): { readonly seed: number; readonly run: number } {
  const [, seed, run] = /^(\d+):(\d+)$/.exec(text) ?? refuseOptions(`--${name}: '${text}' is not SEED:RUN, as 7:13`);
  return { seed: wholeOption(name, seed!), run: wholeOption(name, run!) };
}

/** One of some values from the command line. */
export function oneOfOption<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  return allowed.find((value) => value === text) ?? refuseOptions(`--${name}: '${text}' is none of ${allowed.join(', ')}`);
}

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

/** One of some values from the command line. */
export function oneOfOption<T extends string>(name: string, text: string, allowed: readonly T[]): T {
  return allowed.find((value) => value === text) ?? refuseOptions(`--${name}: '${text}' is none of ${allowed.join(', ')}`);
}

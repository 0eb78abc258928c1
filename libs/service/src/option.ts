import { MillraceError } from '@millrace/contracts';

/** One environment variable: what it means, its unit, its default, and what follows from it. */
export interface Option<T> {
  readonly variable: string;
  /** One sentence: meaning, unit, consequence. */
  readonly about: string;
  /** Text for the documentation; undefined = required. */
  readonly fallback: string | undefined;
  /** @throws Error with a lower-case reason */
  readonly parse: (text: string) => T;
}

export type Options = Readonly<Record<string, Option<unknown>>>;
/** Values by name. */
export type Values<O extends Options> = { readonly [K in keyof O]: O[K] extends Option<infer T> ? T : never };

type Declaration = { variable: string; about: string; fallback?: string };
const option = <T>({ variable, about, fallback }: Declaration, parse: (text: string) => T): Option<T> => ({ variable, about, fallback, parse });

export const textOption = (declaration: Declaration): Option<string> => option(declaration, (text) => text);
export const listOption = (declaration: Declaration): Option<string[]> => option(declaration, (text) => text.split(',').map((part) => part.trim()).filter(Boolean));
export const wholeOption = (declaration: Declaration & { min: number; max: number }): Option<number> =>
  option(declaration, (text) => {
    const value = Number(text);
    if (!Number.isInteger(value) || value < declaration.min || value > declaration.max) throw new Error(`a whole number from ${declaration.min} to ${declaration.max} is expected`);
    return value;
  });

export const choiceOption = <const C extends readonly string[]>(declaration: Declaration, choices: C): Option<C[number]> =>
  option(declaration, (text) => {
    if (!choices.includes(text)) throw new Error(`one of ${choices.join(', ')} is expected`);
    return text;
  });

/**
 * Reads all options at once.
 * @throws MillraceError CONFIGURATION_INVALID that lists every wrong one
 */
export function readOptions<O extends Options>(options: O, environment: Readonly<Record<string, string | undefined>>): Values<O> {
  const values: Record<string, unknown> = {};
  const faults: string[] = [];
  for (const [name, { variable, fallback, parse, about }] of Object.entries(options)) {
    const text = environment[variable] || fallback;
    if (text === undefined) faults.push(`${variable} is missing: ${about}`);
    else
      try {
        values[name] = parse(text);
      } catch (error) {
        faults.push(`${variable}=${text}: ${(error as Error).message}`);
      }
  }
  if (faults.length > 0) throw new MillraceError('CONFIGURATION_INVALID', faults.join('; '), { hint: 'see docs/configuration.md' });
  return values as Values<O>;
}

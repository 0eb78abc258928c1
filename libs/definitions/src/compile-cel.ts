import { Environment } from '@marcbachmann/cel-js';
import { clamp, dayOfWeek, hourOfDay, minuteOfHour, type Evaluator } from '@millrace/features';

import type { FieldKind } from './field.ts';
import { limits } from './limits.ts';

const celTypes: Readonly<Record<FieldKind, string>> = { whole: 'int', real: 'double', text: 'string', instant: 'google.protobuf.Timestamp', flag: 'bool' };
const kinds = new Map(Object.entries(celTypes).map(([kind, type]) => [type, kind as FieldKind]));

const calendar = { hourOfDay, minuteOfHour, dayOfWeek };
const calls = new Set([...Object.keys(calendar), 'clamp', 'real']);
const operators = new Set(['id', 'value', 'list', '+', '-', '*', '/', '%', '==', '!=', '<', '<=', '>', '>=', '&&', '||', '?:', '!_', '-_', 'in', 'call']);

const base = new Environment({ limits: { maxAstNodes: 200, maxDepth: 24, maxListElements: 100 } })
  .registerFunction('clamp(int, int, int): int', clamp<bigint>)
  .registerFunction('clamp(double, double, double): double', clamp<number>)
  .registerFunction('real(int): double', Number);
for (const [name, handler] of Object.entries(calendar)) base.registerFunction(`${name}(google.protobuf.Timestamp, string): double`, handler);

/** Words that CEL keeps for itself, and names that expressions already know. */
export const reservedWords: ReadonlySet<string> = new Set([
  ...'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(' '),
  ...'google int uint double bool string bytes list map type dyn timestamp duration optional size has'.split(' '),
  ...calls,
  // Names that every object has: look-ups by name must not find them.
  ...Object.getOwnPropertyNames(Object.prototype),
]);

export interface CompiledCel {
  /** Kind of its values; conditions are flags. */
  readonly kind: FieldKind;
  /** Fields that it reads. */
  readonly reads: readonly string[];
  /** Whether it depends on the time zone database. */
  readonly zoned: boolean;
  /** What an evaluation may take, in steps: nodes of its tree, calendar functions by what they cost. */
  readonly cost: number;
  /** Numbers, or text; conditions are 1 or 0, instants ms since epoch. Throws where the expression has no value. */
  readonly evaluate: Evaluator;
}

interface Node {
  readonly op: string;
  readonly args: unknown;
}

/**
 * Compiles a CEL expression over typed fields. It may call hourOfDay, minuteOfHour, dayOfWeek (instant, zone), clamp (value, low, high) and
 * real (whole number) only: CEL's own functions for time zones depend on the zone of the process.
 *
 * @throws Error with the reason, lower-case
 * @example compileCel('delay > 15', { delay: 'whole' }).evaluate({ delay: 20 }) // 1
 */
export function compileCel(source: string, fields: Readonly<Record<string, FieldKind>>): CompiledCel {
  const environment = environmentOf(fields);
  const parsed = attempt(() => environment.parse(source));
  const nodes = [...walk(parsed.ast as unknown as Node)];
  for (const { op, args } of nodes) {
    if (op === 'value' && typeof args === 'bigint' && BigInt.asIntN(64, args) !== args) throw new Error('a whole number has more than 64 bits');
    const name = String((args as unknown[])?.[0]);
    if (op === 'rcall' || (op === 'call' && !calls.has(name))) throw new Error(`${name}() may not be called; there are ${[...calls].sort().join(', ')}`);
    if (!operators.has(op)) throw new Error(`'${op}' has no place in an expression over fields`);
  }
  const { valid, type, error } = parsed.check();
  if (!valid) throw new Error(reasonOf(error));
  const kind = kinds.get(type ?? '');
  if (!kind) throw new Error(`its value is a ${type}, which no feature can hold`);
  const reads = [...new Set(nodes.filter(({ op }) => op === 'id').map(({ args }) => String(args)))].sort();
  const zoned = nodes.some(({ op, args }) => op === 'call' && Object.hasOwn(calendar, String((args as unknown[])[0])));
  const cost = nodes.reduce((sum, node) => sum + costOf(node), 0);
  const convert = reads.map((name) => [name, intoCel[fields[name]!]] as const);
  if (nodes.length === 1 && reads.length === 1) {
    const [name, into] = convert[0]!;
    return { kind, reads, zoned, cost, evaluate: (values) => outOfCel(into(values[name], name)) };
  }
  return {
    kind,
    reads,
    zoned,
    cost,
    evaluate(values) {
      const context: Record<string, unknown> = {};
      for (const [name, into] of convert) context[name] = into(values[name], name);
      return outOfCel(parsed(context));
    },
  };
}

/** CEL integers are bigint: each value is converted once on its way in and once on its way out. */
const intoCel: Readonly<Record<FieldKind, (value: unknown, name: string) => unknown>> = {
  whole: (value, name) => (typeof value === 'bigint' ? value : BigInt(expect('number', value, name) as number)),
  real: (value, name) => expect('number', value, name),
  text: (value, name) => bounded(expect('string', value, name) as string, `field '${name}'`),
  instant: (value, name) => (value instanceof Date ? value : new Date(expect('number', value, name) as number)),
  flag: (value, name) => expect('boolean', value, name),
};

function expect(type: string, value: unknown, name: string): unknown {
  if (typeof value !== type) throw new TypeError(`field '${name}' is ${value === undefined || value === null ? 'missing' : `no ${type}`}`);
  return value;
}

/** Texts become keys of entities and categories, which are kept; and a concatenation doubles what it is given. */
function bounded(text: string, what: string): string {
  if (text.length > limits.textLength) throw new TypeError(`${what} is a text of ${text.length} characters, ${limits.textLength} are allowed`);
  return text;
}

function outOfCel(value: unknown): number | string {
  if (typeof value === 'number') return value;
  if (typeof value === 'string') return bounded(value, 'the value');
  if (typeof value === 'boolean') return value ? 1 : 0;
  if (typeof value === 'bigint' || value instanceof Date) return Number(value);
  throw new TypeError('the expression has no value');
}

/** Environments by fields: to declare hundreds of fields takes longer than to compile. */
const environments = new WeakMap<object, Environment>();

function environmentOf(fields: Readonly<Record<string, FieldKind>>): Environment {
  let environment = environments.get(fields);
  if (environment) return environment;
  environment = base.clone();
  for (const [name, kind] of Object.entries(fields)) environment.registerVariable(name, celTypes[kind]);
  environments.set(fields, environment);
  return environment;
}

/** A zone that comes with the event may be another one each time. */
function costOf({ op, args }: Node): number {
  const [name, parameters] = op === 'call' ? (args as [string, Node[]]) : [];
  if (name === undefined || !Object.hasOwn(calendar, name)) return 1;
  return parameters?.[1]?.op === 'value' ? 50 : 1000;
}

function* walk(node: unknown): Iterable<Node> {
  if (Array.isArray(node)) for (const child of node) yield* walk(child);
  else if (typeof node === 'object' && node !== null && 'op' in node) {
    yield node as Node;
    if ((node as Node).op !== 'value') yield* walk((node as Node).args);
  }
}

function attempt<T>(parse: () => T): T {
  try {
    return parse();
  } catch (error) {
    throw new Error(reasonOf(error), { cause: error });
  }
}

/** First line of what cel-js says, which otherwise draws the source. */
function reasonOf(error: unknown): string {
  const text = (error as { summary?: string })?.summary ?? (error as Error)?.message ?? 'it cannot be compiled';
  const line = text.split('\n')[0]!;
  return line.charAt(0).toLowerCase() + line.slice(1);
}

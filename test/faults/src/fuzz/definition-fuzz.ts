import { compilePlan, parseDefinitions } from '@millrace/definitions';
import { Random } from '../random.ts';
import type { FuzzTarget } from './fuzz-target.ts';
import { mutate } from './mutate.ts';

type Json = null | boolean | number | string | Json[] | { [name: string]: Json };

const set: Json = {
  version: 1, timeZoneData: '2026a', models: [],
  streams: [
    { name: 'orders', fields: [{ name: 'order', kind: 'whole' }, { name: 'at', kind: 'instant' }, { name: 'user', kind: 'text' }, { name: 'zone', kind: 'text' }, { name: 'price', kind: 'real', min: 0 }, { name: 'paid', kind: 'flag' }], id: 'order', eventTime: 'at', after: [] },
    { name: 'returns', fields: [{ name: 'order', kind: 'whole' }, { name: 'at', kind: 'instant' }], eventTime: 'at', after: ['orders'] },
  ],
  entities: [{ name: 'user', keys: { orders: 'user' } }],
  rowFeatures: [{ stream: 'orders', features: [{ name: 'price', value: 'price' }, { name: 'hour', value: 'hourOfDay(at, zone)' }] }],
  views: [{ name: 'spending', from: 'orders', entity: 'user', resolutionMs: 60_000, features: [{ name: 'orders', aggregate: 'count', window: 'over', lengthMs: 3_600_000 }, { name: 'mean', aggregate: 'mean', of: 'price', window: 'before', lengthMs: 86_400_000 }] }],
};

const names = ['orders', 'user', 'x', '__proto__', 'constructor', 'toString', 'a'.repeat(61), 'ünïcode', '', 'in', 'Orders', 'orders.price', '\0', '😀'];
const numbers = [0, -0, -1, 1, 0.5, 1e-300, 1e300, 2 ** 31, 2 ** 53, -(2 ** 53), 9e15, 60_000, 315_360_000_000];
const leaves = ['order', 'price', 'user', 'zone', 'at', 'paid', 'missing', 'true', 'null', '1', '-1', '0', '9223372036854775807', '99999999999999999999', '1.5', '1e308', '"x"', '"UTC"', '"(a+)+$"', "b'x'", '[]', '{}', '[1, 2]', 'constructor', 'this'];
const operators = ['+', '-', '*', '/', '%', '==', '!=', '<', '>=', '&&', '||', 'in', '?', '.', '=', '<<'];
const functions = ['hourOfDay', 'dayOfWeek', 'minuteOfHour', 'clamp', 'real', 'size', 'matches', 'string', 'map', 'exists', 'has', 'dyn', 'eval', 'constructor', 'timestamp'];
/** Events as a stream may have them after its schema was checked, and others. */
const events = [
  { order: 1, at: 0, user: 'u', zone: 'UTC', price: 1, paid: true },
  { order: 2 ** 53 - 1, at: 8.64e15, user: 'x'.repeat(1_000_000), zone: 'x'.repeat(1_000_000), price: 1e308, paid: false },
  { order: -(2 ** 53 - 1), at: -8.64e15, user: '', zone: '+23:59', price: -0, paid: true },
  { order: 0, at: 1e12, user: '\ud800', zone: 'america/NEW_york', price: Number.MIN_VALUE, paid: false },
  {},
];

/**
 * Sets of definitions with generated expressions, changed parts and broken text: refused by DEFINITION_INVALID, or compiled, and then every
 * expression is evaluated on events large and small.
 */
export function definitionFuzz(): FuzzTarget {
  return {
    codes: new Set(['DEFINITION_INVALID']),
    prepare(seed, run) {
      const random = new Random('definition', seed, run);
      const text = draw(random);
      return {
        what: text.slice(0, 2000),
        execute: async () => evaluate(text),
        judge: (value) => value as string | undefined,
      };
    },
  };
}

/** @returns what an expression did that it must not; undefined when each has a plain value or says that it has none */
function evaluate(text: string): string | undefined {
  const { streams } = compilePlan(parseDefinitions(text));
  for (const { expressions } of streams)
    for (const expression of expressions)
      for (const event of events) {
        try {
          const value: unknown = expression(event);
          if (value !== null && typeof value === 'object') return `an expression gives ${Object.prototype.toString.call(value)}`;
          if (typeof value === 'function' || typeof value === 'symbol' || value === undefined) return `an expression gives ${String(value).slice(0, 100)}`;
        } catch (error) {
          if (SLIP.test((error as Error).message)) return `an expression throws ${String(error).slice(0, 200)}`;
          // It has no value for this event.
        }
      }
  return undefined;
}

/** What V8 says of a slip of the evaluator's own; no event may lead to it. */
const SLIP = /^(Cannot (read|set|convert|mix|destructure)|Maximum call stack|Invalid (array length|string length|time value|Date)|Division by zero|The number .* cannot be converted)|is not (a function|iterable|defined|a constructor|an object)/;

function draw(random: Random): string {
  const copy = structuredClone(set) as { rowFeatures: { features: { value: string }[] }[]; views: { features: { of?: string }[] }[]; entities: { keys: Record<string, string> }[] };
  switch (random.whole(0, 4)) {
    case 0: {
      const size = random.pick([1, 2, 10, 100]);
      copy.rowFeatures[0]!.features = Array.from({ length: size }, (_, i) => ({ name: `f${i}`, value: random.chance(0.9) ? typed(random.pick(['whole', 'real', 'flag', 'text']), random, random.whole(0, 7)) : expression(random, random.whole(0, 6)) }));
      return JSON.stringify(copy);
    }
    case 1:
      copy.rowFeatures[0]!.features[0]!.value = exploding(random);
      return JSON.stringify(copy);
    case 2:
      copy.views[0]!.features[1]!.of = typed('real', random, random.whole(0, 7));
      if (random.chance(0.3)) copy.entities[0]!.keys['orders'] = typed('text', random, random.whole(0, 5));
      return JSON.stringify(copy);
    case 3: {
      const changed = { root: structuredClone(set) };
      for (let left = random.whole(1, 3); left > 0; left--) change(changed, random);
      return JSON.stringify(changed.root) ?? 'undefined';
    }
    default:
      return mutate(Buffer.from(JSON.stringify(set)), [], random).toString('utf8');
  }
}

/** An expression that is right by its types. */
function typed(kind: 'whole' | 'real' | 'flag' | 'text', random: Random, depth: number): string {
  const part = (of: typeof kind): string => typed(of, random, depth - random.whole(1, 2));
  if (depth <= 0) return random.pick({ whole: ['order', '1', '0', '9223372036854775807', '-7'], real: ['price', '0.0', '1e308', '2.5'], flag: ['paid', 'true'], text: ['user', 'zone', '"x"', '"' + 'y'.repeat(100) + '"'] }[kind]);
  if (random.chance(0.15)) return `(${part('flag')} ? ${part(kind)} : ${part(kind)})`;
  if (kind === 'text') return `(${part('text')} + ${part('text')})`;
  if (kind === 'flag') {
    const of = random.pick(['whole', 'real', 'text'] as const);
    return random.pick([() => `(${part(of)} ${random.pick(['==', '<', '>=', '!='])} ${part(of)})`, () => `(${part('flag')} ${random.pick(['&&', '||'])} ${part('flag')})`, () => `!${part('flag')}`, () => `${part(of)} in [${part(of)}, ${part(of)}]`])();
  }
  if (kind === 'real') return random.pick([() => `(${part('real')} ${random.pick(['+', '-', '*', '/'])} ${part('real')})`, () => `real(${part('whole')})`, () => `hourOfDay(at, ${part('text')})`, () => `clamp(${part('real')}, ${part('real')}, ${part('real')})`])();
  return random.pick([() => `(${part('whole')} ${random.pick(['+', '-', '*', '/', '%'])} ${part('whole')})`, () => `clamp(${part('whole')}, -60, 180)`])();
}

function expression(random: Random, depth: number): string {
  if (depth <= 0) return random.pick(leaves);
  const part = (): string => expression(random, depth - random.whole(1, 3));
  switch (random.whole(0, 6)) {
    case 0: return `${part()} ${random.pick(operators)} ${part()}`;
    case 1: return `(${part()})`;
    case 2: return `${random.pick(['!', '-'])}${part()}`;
    case 3: return `${random.pick(functions)}(${Array.from({ length: random.whole(0, 3) }, part).join(', ')})`;
    case 4: return `${part()} ? ${part()} : ${part()}`;
    case 5: return `[${Array.from({ length: random.whole(0, 4) }, part).join(', ')}]`;
    default: return random.chance(0.2) ? mutate(Buffer.from(part()), [], random).toString('utf8') : part();
  }
}

/** Expressions that grow in one direction as far as their text may. */
function exploding(random: Random): string {
  const n = random.pick([5, 20, 60, 99, 300, 900]);
  const leaf = random.pick(leaves);
  const [open = '', close = ''] = random.pick([['(', ')'], ['[', ']'], ['!', ''], ['-', ''], ['{1:', '}'], ['paid ? ', ' : 1'], ['[1].map(x, ', ')'], ['real(', ')'], ['"', '"'], ['(user + user) + (', ')']]);
  return random.chance(0.5) ? `${open.repeat(n)}${leaf}${close.repeat(n)}` : Array<string>(n).fill(leaf).join(` ${random.pick(operators)} `);
}

/** Puts something else in a random place of a JSON value. */
function change(holder: { [name: string]: Json }, random: Random): void {
  let within: { [name: string]: Json } = holder;
  let name = 'root';
  while (random.chance(0.85)) {
    const inner = within[name];
    if (typeof inner !== 'object' || inner === null || Object.keys(inner).length === 0) break;
    within = inner as { [name: string]: Json };
    name = random.pick(Object.keys(within));
  }
  const old = within[name]!;
  const by: (() => Json)[] = [
    () => random.pick(numbers), () => random.pick(names), () => null, () => random.chance(0.5), () => [], () => ({}), () => 'x'.repeat(random.pick([61, 2001, 100_000])),
    () => Array<Json>(JSON.stringify(old).length < 500 ? random.pick([3, 300, 3000]) : 3).fill(old), () => ({ __proto__: null, constructor: old }), () => expression(random, 3),
    () => { let deep: Json = old; for (let i = random.pick([5, 20, 2000]); i > 0; i--) deep = [deep]; return deep; },
  ];
  within[name] = random.pick(by)();
  if (random.chance(0.1) && !Array.isArray(within)) within[random.pick(names)] = 1;
}

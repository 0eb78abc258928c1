/** Text of the generated event classes. */
import { schemaIds } from '../schema-ids.ts';

type Avro = string | Avro[] | { type: Avro; name?: string; doc?: string; fields?: Field[]; items?: Avro; values?: Avro; symbols?: string[]; size?: number };
interface Field {
  name: string;
  type: Avro;
  doc: string;
}
/** One .avsc file. */
export interface EventSchema {
  stem: string;
  schema: { name: string; doc: string; fields: Field[] };
}

const primitives: Record<string, string> = { string: 'string', int: 'number', long: 'number', float: 'number', double: 'number', boolean: 'boolean', bytes: 'Buffer', null: 'null' };
const banner = '// Generated from schemas/*.avsc by `npm run generate`. Do not edit.\n';

/** The class of one event: fields, schema id and schema. */
export function renderEvent({ stem, schema }: EventSchema, all: EventSchema[]): string {
  const used = new Set<string>();
  const fields = schema.fields.map((field) => `  /** ${field.doc}. */\n  readonly ${field.name}: ${typeOf(field.type, all, used)};\n`).join('');
  const declared = fields.replaceAll('  readonly ', '  declare readonly ');
  const id = schemaIds[stem as keyof typeof schemaIds];
  if (id === undefined) throw new Error(`${stem} has no id: add one to src/schema-ids.ts`);
  return [
    banner,
    `import { Event } from '../event.ts';\n`,
    ...importsOf([...used].sort(), all),
    `\n/** ${schema.doc} */\nexport interface ${schema.name}Fields {\n${fields}}\n`,
    `\n/** ${schema.doc} */\nexport class ${schema.name} extends Event<'${stem}'> {\n`,
    `  static readonly stem = '${stem}';\n  static readonly schemaId = ${id};\n  static readonly schema: object = ${JSON.stringify(schema)};\n\n`,
    declared,
    // Assigned one by one: several times faster than Object.assign, and always in the same order.
    `\n  constructor(fields: ${schema.name}Fields) {\n    super();\n${schema.fields.map(({ name }) => `    this.${name} = fields.${name};\n`).join('')}  }\n}\n`,
  ].join('');
}

/** Records, enums and fixed values that lie inside events. */
export function renderNamedTypes(all: EventSchema[]): string {
  const named = new Map<string, Avro & object>();
  const visit = (type: Avro): void => {
    if (typeof type === 'string') return;
    if (Array.isArray(type)) return type.forEach(visit);
    if (type.name && !isEvent(type.name, all)) {
      const known = named.get(type.name);
      if (known && JSON.stringify(known) !== JSON.stringify(type) && type.fields && !sameFields(known, type)) throw new Error(`two different types are called ${type.name}`);
      if (!known) named.set(type.name, type);
    }
    type.fields?.forEach((field) => visit(field.type));
    if (type.items) visit(type.items);
    if (type.values) visit(type.values);
    if (typeof type.type !== 'string') visit(type.type);
  };
  for (const { schema } of all) schema.fields.forEach((field) => visit(field.type));
  const imports = new Set<string>();
  const text = [...named.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([name, type]) => {
    if (Array.isArray(type)) throw new Error(`union ${name}`);
    const doc = `/** ${type.doc ?? name} */\n`;
    if (type.type === 'enum') return `${doc}export type ${name} = ${type.symbols!.map((symbol) => `'${symbol}'`).join(' | ')};\n`;
    if (type.type === 'fixed') return `${doc}export type ${name} = Buffer;\n`;
    const fields = type.fields!.map((field) => `  /** ${field.doc}. */\n  readonly ${field.name}: ${typeOf(field.type, all, imports)};\n`).join('');
    return `${doc}export interface ${name} {\n${fields}}\n`;
  });
  const outside = [...imports].filter((name) => name.endsWith('Fields') && isEvent(name.slice(0, -6), all)).sort();
  return banner + importsOf(outside, all).join('') + '\n' + text.join('\n');
}

/** Exports of all events and of the list of them. */
export function renderIndex(all: EventSchema[]): string {
  const lines = all.map(({ stem, schema }) => `export { ${schema.name}, type ${schema.name}Fields } from './${stem}.ts';\n`);
  const imports = all.map(({ stem, schema }) => `import { ${schema.name} } from './${stem}.ts';\n`);
  return `${banner}${imports.join('')}\n${lines.join('')}export type * from './named-types.ts';\n\n/** All events with a schema of ours. */\nexport const allEvents = [${all.map(({ schema }) => schema.name).join(', ')}] as const;\n`;
}

function typeOf(type: Avro, all: EventSchema[], used: Set<string>): string {
  if (typeof type === 'string') return primitives[type] ?? reference(type, all, used);
  if (Array.isArray(type)) return type.map((branch) => typeOf(branch, all, used)).sort((a) => (a === 'null' ? 1 : -1)).join(' | ');
  if (type.type === 'array') return `readonly ${bracket(typeOf(type.items!, all, used))}[]`;
  if (type.type === 'map') return `Readonly<Record<string, ${typeOf(type.values!, all, used)}>>`;
  if (type.name) return reference(type.name, all, used);
  return typeOf(type.type, all, used);
}

function importsOf(names: string[], all: EventSchema[]): string[] {
  const event = (name: string): boolean => name.endsWith('Fields') && isEvent(name.slice(0, -'Fields'.length), all);
  const inner = names.filter((name) => !event(name));
  const lines = names.filter(event).map((name) => `import type { ${name} } from './${stemOf(name.slice(0, -'Fields'.length), all)}.ts';\n`);
  return inner.length ? [`import type { ${inner.join(', ')} } from './named-types.ts';\n`, ...lines] : lines;
}

const bracket = (type: string): string => (type.includes(' ') ? `(${type})` : type);
const isEvent = (name: string, all: EventSchema[]): boolean => all.some(({ schema }) => schema.name === name);
const stemOf = (name: string, all: EventSchema[]): string => all.find(({ schema }) => schema.name === name)!.stem;

function reference(name: string, all: EventSchema[], used: Set<string>): string {
  const type = isEvent(name, all) ? `${name}Fields` : name;
  used.add(type);
  return type;
}

// The first use of a type inside a schema spells it out, later ones name it: compare fields by name only.
function sameFields(a: Avro & object, b: Avro & object): boolean {
  const names = (type: Avro & object): string => ('fields' in type ? (type.fields ?? []).map((field) => field.name).join() : '');
  return names(a) === names(b);
}

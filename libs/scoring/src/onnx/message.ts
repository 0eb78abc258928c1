import { ModelRefusal } from './model-refusal.ts';
import { Wire, type ProtobufWalker } from './protobuf-walker.ts';

/** What a field of a message is, or why no model may have it. */
export type FieldRule =
  | { readonly name: string; readonly is: 'number' | 'text' | 'bytes' | 'message' | 'float'; readonly many?: true }
  | { readonly name: string; readonly is: 'numbers' | 'floats' | 'doubles'; readonly many: true }
  | { readonly name: string; readonly is: 'refused'; readonly hint: string };

export type MessageRule = Readonly<Record<number, FieldRule>>;

/** Place of a text, of bytes or of a message in the file. */
export type Span = readonly [start: number, end: number];

const wires: Readonly<Record<Exclude<FieldRule['is'], 'refused'>, readonly number[]>> = {
  number: [Wire.varint], numbers: [Wire.varint, Wire.bytes], text: [Wire.bytes], bytes: [Wire.bytes], message: [Wire.bytes], float: [Wire.fixed32], floats: [Wire.fixed32, Wire.bytes], doubles: [Wire.fixed64, Wire.bytes],
};

/**
 * Fields of one message by name. Fields that the rule does not know are refused: a runtime may know them. A field that stands twice
 * without being a list is refused too: runtimes merge the two.
 */
export class Message {
  readonly where: string;
  readonly walker: ProtobufWalker;
  /** Starts and ends in turn: a file may have millions. */
  private readonly spans = new Map<string, number[]>();
  private readonly values = new Map<string, number[]>();

  constructor(walker: ProtobufWalker, rule: MessageRule, [start, end]: Span, where: string) {
    this.where = where;
    this.walker = walker;
    walker.each(start, end, (number, wire, from, to, value) => {
      const field = Object.hasOwn(rule, number) ? rule[number] : undefined;
      if (field === undefined) throw new ModelRefusal(`${where} has the unknown field ${number}`, 'export the model with operator set 17 and IR version 8, without extensions');
      if (field.is === 'refused') throw new ModelRefusal(`${where} has ${field.name}`, field.hint);
      if (!wires[field.is].includes(wire)) throw new ModelRefusal(`${where} has ${field.name} of wire type ${wire}`);
      if (field.many === undefined && (this.spans.has(field.name) || this.values.has(field.name))) throw new ModelRefusal(`${where} has ${field.name} twice`);
      if (wire === Wire.varint) push(this.values, field.name, value);
      else push(this.spans, field.name, from, to);
    });
  }

  has(name: string): boolean {
    return this.spans.has(name) || this.values.has(name);
  }

  number(name: string): number | undefined {
    return this.values.get(name)?.[0];
  }

  /** Numbers of a list, whether packed or not. */
  numbers(name: string, most: number): number[] {
    const all: number[] = [];
    const add = (value: number): void => {
      if (all.push(value) > most) throw new ModelRefusal(`${this.where} has more than ${most} ${name}`);
    };
    this.values.get(name)?.forEach(add);
    for (const [start, end] of this.spansOf(name)) this.walker.packed(start, end, add);
    return all;
  }

  spansOf(name: string): readonly Span[] {
    const all = this.spans.get(name) ?? [];
    return Array.from({ length: all.length / 2 }, (_, i) => [all[2 * i]!, all[2 * i + 1]!]);
  }

  /** Bytes of all spans and numbers of a field: what its values take in the file at least. */
  size(name: string): number {
    return this.spansOf(name).reduce((sum, [start, end]) => sum + end - start, this.values.get(name)?.length ?? 0);
  }

  /** Text of a field; '' where there is none. @throws ModelRefusal beyond 512 bytes or when it is no UTF-8 */
  text(name: string): string {
    const [span] = this.spansOf(name);
    return span === undefined ? '' : this.textAt(span, name);
  }

  texts(name: string): string[] {
    return this.spansOf(name).map((span) => this.textAt(span, name));
  }

  private textAt([start, end]: Span, name: string): string {
    if (end - start > longestText) throw new ModelRefusal(`${this.where} has ${name} of ${end - start} bytes, ${longestText} are allowed`);
    try {
      return decoder.decode(this.walker.bytes.subarray(start, end));
    } catch {
      throw new ModelRefusal(`${this.where} has ${name} that is no UTF-8`);
    }
  }
}

const longestText = 512;
const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

function push(map: Map<string, number[]>, key: string, ...values: number[]): void {
  const all = map.get(key);
  if (all) all.push(...values);
  else map.set(key, values);
}

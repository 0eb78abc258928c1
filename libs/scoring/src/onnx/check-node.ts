import { checkTensor, elementsOf } from './check-tensor.ts';
import { Message, type Span } from './message.ts';
import { ModelRefusal } from './model-refusal.ts';
import { attributeMessage, nodeMessage } from './onnx-messages.ts';
import { operators } from './operators.ts';
import type { ProtobufWalker } from './protobuf-walker.ts';

/** Values of the graph that are known so far: constants with their numbers, all others with undefined. */
export type Known = Map<string, readonly number[] | undefined>;

const mostNames = 10_000;

/**
 * Checks a node and adds its outputs to what is known.
 *
 * @param known values that stand before the node: a graph is a list in the order of its computation, so no value depends on itself
 * @throws ModelRefusal
 */
export function checkNode(walker: ProtobufWalker, span: Span, number: number, domains: ReadonlySet<string>, known: Known): void {
  const node = new Message(walker, nodeMessage, span, `node ${number}`);
  const name = node.text('name');
  const operator = node.text('op_type');
  const domain = node.text('domain') === 'ai.onnx' ? '' : node.text('domain');
  const where = `node ${number}${name === '' ? '' : ` '${name}'`} (${domain === '' ? '' : `${domain}.`}${operator})`;
  const allowed = Object.hasOwn(operators, domain) ? operators[domain] : undefined;
  if (allowed === undefined) throw new ModelRefusal(`${where} is of the operator domain '${domain}'`, 'use operators of the domains "" and ai.onnx.ml');
  if (!domains.has(domain)) throw new ModelRefusal(`${where} is of a domain that the model does not import`);
  const attributes = node.spansOf('attribute').map((each) => new Message(walker, attributeMessage, each, where));
  if (!allowed.has(operator)) throw new ModelRefusal(`${where} uses an operator that is not admitted`, 'control flow, sequences, random numbers, texts, images and recurrent layers are refused; docs list what is admitted');
  const names = attributes.map((attribute) => attribute.text('name'));
  if (new Set(names).size !== names.length) throw new ModelRefusal(`${where} has an attribute twice`);
  const tensors = attributes.flatMap((attribute) => [...attribute.spansOf('t'), ...attribute.spansOf('tensors')].map((each) => checkTensor(walker, each, where)));

  const inputs = node.texts('input');
  const outputs = node.texts('output');
  if (inputs.length > mostNames || outputs.length > mostNames) throw new ModelRefusal(`${where} has ${inputs.length} inputs and ${outputs.length} outputs, ${mostNames} are allowed`);
  for (const input of inputs) if (input !== '' && !known.has(input)) throw new ModelRefusal(`${where} takes '${input}', which no node before it gives`);
  checkGrowth(operator, inputs.map((input) => known.get(input)), where);
  for (const output of outputs) {
    if (output === '') continue;
    if (known.has(output)) throw new ModelRefusal(`${where} gives '${output}', which is given already`);
    known.set(output, undefined);
  }
  const [output] = outputs;
  if (operator === 'Constant' && output !== undefined) known.set(output, tensors[0]?.integers ?? attributes[0]?.numbers('ints', 1024));
}

/** Operators that make much of little are bounded where the file says how much; the rest is bounded by the memory of the child. */
function checkGrowth(operator: string, [first, second, third]: (readonly number[] | undefined)[], where: string): void {
  if (operator === 'ConstantOfShape' && first) elementsOf(first, where);
  else if ((operator === 'Expand' || operator === 'Tile') && second) elementsOf(second, where);
  else if (operator === 'OneHot' && second) elementsOf(second.map(Math.abs), where);
  else if (operator === 'Pad' && second) elementsOf(second.map((pad) => Math.abs(pad) + 1), where);
  else if (operator === 'Range' && first && second && third) elementsOf([Math.max(0, Math.ceil(((second[0] ?? 0) - (first[0] ?? 0)) / (third[0] ?? 0))) || 0], where);
}

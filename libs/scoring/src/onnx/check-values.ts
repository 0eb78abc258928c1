import { Message, type Span } from './message.ts';
import { ModelRefusal } from './model-refusal.ts';
import { dimensionMessage, shapeMessage, tensorTypeMessage, typeMessage, valueMessage } from './onnx-messages.ts';
import type { ProtobufWalker } from './protobuf-walker.ts';

const mostDimensions = 16;
const largestDimension = 2 ** 31 - 1;
const float = 1;

export interface CheckedValue {
  readonly name: string;
  /** Element type (`TensorProto.DataType`); undefined where it is left open. */
  readonly type: number | undefined;
  /** Sizes, NaN where one is open; undefined where the file gives no shape. */
  readonly shape: readonly number[] | undefined;
}

/** Checks the declared type of an input, output or value between nodes. @throws ModelRefusal */
export function checkValue(walker: ProtobufWalker, span: Span, kind: string): CheckedValue {
  const value = new Message(walker, valueMessage, span, `an ${kind} of the graph`);
  const name = value.text('name');
  const where = `the ${kind} '${name}'`;
  const [type] = value.spansOf('type');
  const [tensor] = type === undefined ? [] : new Message(walker, typeMessage, type, where).spansOf('tensor_type');
  if (tensor === undefined) return { name, type: undefined, shape: undefined };
  const tensorType = new Message(walker, tensorTypeMessage, tensor, where);
  const [shape] = tensorType.spansOf('shape');
  const dims = shape === undefined ? undefined : new Message(walker, shapeMessage, shape, where).spansOf('dim');
  if ((dims?.length ?? 0) > mostDimensions) throw new ModelRefusal(`${where} has ${dims?.length} dimensions, ${mostDimensions} are allowed`);
  return { name, type: tensorType.number('elem_type'), shape: dims?.map((dim) => sizeOf(new Message(walker, dimensionMessage, dim, where), where)) };
}

function sizeOf(dimension: Message, where: string): number {
  const size = dimension.number('dim_value');
  if (size === undefined) return Number.NaN;
  if (size < 0 || size > largestDimension) throw new ModelRefusal(`${where} has a dimension of ${size}`);
  return size;
}

/** One input `features` float32 [N, features], one output `score` float32 [N]. @throws ModelRefusal */
export function checkSignature(inputs: readonly CheckedValue[], outputs: readonly CheckedValue[], features: number): void {
  const hint = "write one input 'features' float32 [N, features] and one output 'score' float32 [N]";
  const names = (values: readonly CheckedValue[]): string => values.slice(0, 5).map(({ name }) => `'${name}'`).join(', ') + (values.length > 5 ? ` and ${values.length - 5} more` : '');
  const [input, output] = [inputs[0], outputs[0]];
  if (inputs.length !== 1 || input?.name !== 'features') throw new ModelRefusal(`the inputs of the graph are ${names(inputs) || 'none'}`, hint);
  if (outputs.length !== 1 || output?.name !== 'score') throw new ModelRefusal(`the outputs of the graph are ${names(outputs) || 'none'}`, hint);
  for (const { name, type } of [input, output]) if (type !== float) throw new ModelRefusal(`'${name}' is of the element type ${type ?? 'unknown'}`, hint);
  const [rows = Number.NaN, width = Number.NaN] = input.shape ?? [];
  if (input.shape !== undefined && input.shape.length !== 2) throw new ModelRefusal(`the input 'features' has ${input.shape.length} dimensions`, hint);
  if (!Number.isNaN(width) && width !== features) throw new ModelRefusal(`the input 'features' takes ${width} numbers per row, the vectors have ${features}`, 'train again on the feature set in force');
  if (!Number.isNaN(rows)) throw new ModelRefusal(`the input 'features' takes ${rows} rows only`, hint);
  if (output.shape !== undefined && output.shape.length !== 1) throw new ModelRefusal(`the output 'score' has ${output.shape.length} dimensions`, hint);
}

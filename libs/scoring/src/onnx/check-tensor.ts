import { Message, type Span } from './message.ts';
import { ModelRefusal } from './model-refusal.ts';
import { tensorMessage } from './onnx-messages.ts';
import type { ProtobufWalker } from './protobuf-walker.ts';

/** Elements of a constant at most: 128 MiB of float64. */
export const mostElements = 2 ** 24;
const mostDimensions = 16;
const int64 = 7;
/** A shape, as constants hold it, has no more numbers than this. */
const mostShapeNumbers = 64;

/** Bytes per element by element type (`TensorProto.DataType`); texts, complex numbers and types of 4 and 8 bits are not admitted. */
const widths: Readonly<Record<number, number>> = { 1: 4, 2: 1, 3: 1, 4: 2, 5: 2, 6: 4, 7: 8, 9: 1, 10: 2, 11: 8, 12: 4, 13: 8, 16: 2 };

export interface CheckedTensor {
  readonly name: string;
  /** Its numbers, where it is a short int64 list, as shapes are. */
  readonly integers: readonly number[] | undefined;
}

/** Checks that a constant holds what its shape promises, inside the file. @throws ModelRefusal */
export function checkTensor(walker: ProtobufWalker, span: Span, where: string): CheckedTensor {
  const tensor = new Message(walker, tensorMessage, span, where);
  const name = tensor.text('name');
  const by = name === '' ? where : `${where} '${name}'`;
  if ((tensor.number('data_location') ?? 0) !== 0) throw new ModelRefusal(`${by} has external data`, 'write all values into the file itself');
  const type = tensor.number('data_type') ?? 0;
  const width = widths[type];
  if (width === undefined) throw new ModelRefusal(`${by} has values of the element type ${type}`, 'use float, double, whole numbers or bool');
  const dims = tensor.numbers('dims', mostDimensions);
  const elements = elementsOf(dims, by);
  const raw = tensor.spansOf('raw_data')[0];
  const listed = ['float_data', 'int32_data', 'int64_data', 'double_data', 'uint64_data'].reduce((sum, list) => sum + tensor.size(list), 0);
  if (raw !== undefined && listed > 0) throw new ModelRefusal(`${by} has its values twice`);
  const bytes = raw === undefined ? listed : raw[1] - raw[0];
  // Listed numbers take one byte at least; the runtime compares their exact number.
  if (raw === undefined ? bytes < elements : bytes !== elements * width) throw new ModelRefusal(`${by} has ${bytes} bytes for ${elements} values of the shape [${dims.join(', ')}]`);
  return { name, integers: type === int64 && elements <= mostShapeNumbers ? integersOf(tensor, raw) : undefined };
}

/** Elements of a shape. @throws ModelRefusal for a negative or huge dimension, and for too many elements */
export function elementsOf(dims: readonly number[], by: string): number {
  const elements = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => !(dim >= 0 && dim < 2 ** 31)) || elements > mostElements) throw new ModelRefusal(`${by} has the shape [${dims.join(', ')}]; up to ${mostElements} elements are allowed`);
  return elements;
}

function integersOf(tensor: Message, raw: Span | undefined): number[] {
  if (raw === undefined) return tensor.numbers('int64_data', mostShapeNumbers);
  const { buffer, byteOffset } = tensor.walker.bytes;
  const view = new DataView(buffer, byteOffset + raw[0], raw[1] - raw[0]);
  return Array.from({ length: view.byteLength / 8 }, (_, i) => Number(view.getBigInt64(i * 8, true)));
}

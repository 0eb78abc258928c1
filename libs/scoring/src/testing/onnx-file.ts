import { message, nested, number, raw, text, type Bytes } from './protobuf.ts';

/** Attributes of a node: whole numbers, lists of them, texts, or bytes of an AttributeProto. */
export type Attributes = Readonly<Record<string, number | bigint | readonly number[] | string | Float32Array | Bytes>>;

export interface OnnxFile {
  readonly nodes: readonly Bytes[];
  readonly constants?: readonly Bytes[];
  /** More fields of the graph. */
  readonly graph?: readonly Bytes[];
  /** More fields of the model. */
  readonly model?: readonly Bytes[];
  /** ValueInfoProtos. Default: features float32 [N, 3]. */
  readonly inputs?: readonly Bytes[];
  /** Default: score float32 [N]. */
  readonly outputs?: readonly Bytes[];
  /** Version by domain. Default: { '': 17 }. */
  readonly operators?: Readonly<Record<string, number | bigint>>;
  readonly irVersion?: number;
}

/**
 * Writes an ONNX file, also one that nobody should load: nothing is checked.
 * Source: onnx/onnx, `onnx.proto`.
 *
 * @example onnxFile({ nodes: [node('ReduceSum', ['features', 'one'], ['score'], { keepdims: 0 })], constants: [integers('one', [1])] })
 */
export function onnxFile({ nodes, constants = [], graph = [], model = [], inputs = [value('features', 1, ['N', 3])], outputs = [value('score', 1, ['N'])], operators = { '': 17 }, irVersion = 8 }: OnnxFile): Bytes {
  return message(
    number(1, irVersion),
    nested(7, ...nodes.map((each) => raw(1, each)), text(2, 'graph'), ...constants.map((each) => raw(5, each)), ...inputs.map((each) => raw(11, each)), ...outputs.map((each) => raw(12, each)), ...graph),
    ...Object.entries(operators).map(([domain, version]) => nested(8, text(1, domain), number(2, version))),
    ...model,
  );
}

/** A NodeProto. */
export function node(operator: string, inputs: readonly string[], outputs: readonly string[], attributes: Attributes = {}, domain = ''): Bytes {
  return message(
    ...inputs.map((each) => text(1, each)),
    ...outputs.map((each) => text(2, each)),
    text(4, operator),
    ...Object.entries(attributes).map(([name, each]) => raw(5, attribute(name, each))),
    ...(domain === '' ? [] : [text(7, domain)]),
  );
}

function attribute(name: string, each: Attributes[string]): Bytes {
  if (typeof each === 'string') return message(text(1, name), text(4, each), number(20, 3));
  if (typeof each === 'number' || typeof each === 'bigint') return message(text(1, name), number(3, each), number(20, 2));
  if (each instanceof Float32Array) return message(text(1, name), raw(7, bytesOf(each)), number(20, 6));
  if (each instanceof Uint8Array) return message(text(1, name), each);
  return message(text(1, name), ...each.map((item) => number(8, item)), number(20, 7));
}

/** A TensorProto of int64 in raw bytes. */
export const integers = (name: string, values: readonly (number | bigint)[], dims: readonly (number | bigint)[] = [values.length]): Bytes => tensor(name, 7, dims, bytesOf(BigInt64Array.from(values, BigInt)));

/** A TensorProto of float32 in raw bytes. */
export const floats = (name: string, values: readonly number[], dims: readonly (number | bigint)[] = [values.length]): Bytes => tensor(name, 1, dims, bytesOf(Float32Array.from(values)));

export const tensor = (name: string, type: number, dims: readonly (number | bigint)[], content: Bytes, ...more: readonly Bytes[]): Bytes =>
  message(...dims.map((dim) => number(1, dim)), number(2, type), text(8, name), raw(9, content), ...more);

/** A ValueInfoProto of a tensor; a text is an open dimension. */
export const value = (name: string, type: number, dims: readonly (number | bigint | string)[]): Bytes =>
  message(text(1, name), nested(2, nested(1, number(1, type), nested(2, ...dims.map((dim) => nested(1, typeof dim === 'string' ? text(2, dim) : number(1, dim)))))));

const bytesOf = (array: ArrayBufferView): Bytes => new Uint8Array(array.buffer, array.byteOffset, array.byteLength);

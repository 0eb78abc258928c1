import { MillraceError } from '@millrace/contracts';
import { ProtobufWriter } from './protobuf-writer.ts';

/** ONNX element types (`TensorProto.DataType`). */
export const float = 1;
export const double = 11;
const int64 = 7;

/** A value of the graph: an input, a constant or the result of a node. */
export type OnnxValue = string & { readonly _brand: 'onnx-value' };

/**
 * Builds an ONNX model of one float32 input [N, width] and one float32 output [N]. Values are named by their number, nothing depends
 * on time or place: the same calls give the same bytes.
 * Source: onnx/onnx, `onnx.proto` (IR version 8) and `docs/Operators.md` (operator set 17).
 *
 * @example
 * const graph = new OnnxGraph('sum', 'features', 1);
 * const sum = graph.node('ReduceSum', [graph.input, graph.integers([1])], { keepdims: 0 });
 * graph.write(graph.node('Sigmoid', [sum]), 'score', {});
 */
export class OnnxGraph {
  readonly input: OnnxValue;
  readonly #name: string;
  readonly #width: number;
  readonly #nodes: ((name: string) => (message: ProtobufWriter) => void)[] = [];
  readonly #results: OnnxValue[] = [];
  readonly #constants: Uint8Array[] = [];

  constructor(name: string, input: string, width: number) {
    this.#name = name;
    this.#width = width;
    this.input = input as OnnxValue;
  }

  /** @throws MillraceError NOT_FINITE */
  doubles(values: readonly number[], dims: readonly number[] = [values.length]): OnnxValue {
    return this.#constant(double, values, dims, (view, at, value) => {
      if (!Number.isFinite(value)) throw new MillraceError('NOT_FINITE', `model has the constant ${value}`, { hint: 'train again: a mean, deviation or coefficient is not finite' });
      view.setFloat64(at, value, true);
    });
  }

  integers(values: readonly number[]): OnnxValue {
    return this.#constant(int64, values, [values.length], (view, at, value) => view.setBigInt64(at, BigInt(value), true));
  }

  /** Adds a node with one result and whole-number attributes. */
  node(operator: string, inputs: readonly OnnxValue[], attributes: Readonly<Record<string, number>> = {}): OnnxValue {
    const result = `${operator}_${this.#nodes.length}` as OnnxValue;
    this.#results.push(result);
    this.#nodes.push((output) => (message) => {
      for (const input of inputs) message.text(1, input);
      message.text(2, output).text(3, result).text(4, operator);
      for (const [name, value] of Object.entries(attributes)) message.message(5, (attribute) => attribute.text(1, name).varint(3, value).varint(20, 2));
    });
    return result;
  }

  /** The model as a file. The last node must be the output. */
  write(output: OnnxValue, outputName: string, metadata: Readonly<Record<string, string>>): Uint8Array<ArrayBuffer> {
    if (output !== this.#results.at(-1)) throw new MillraceError('NOT_LAST', `output ${output} is not the last node`, { hint: 'add the node of the output last' });
    const model = new ProtobufWriter()
      .varint(1, 8)
      .text(2, 'millrace')
      .message(7, (graph) => {
        this.#nodes.forEach((node, i) => graph.message(1, node(i === this.#nodes.length - 1 ? outputName : this.#results[i]!)));
        graph.text(2, this.#name);
        for (const constant of this.#constants) graph.raw(5, constant);
        graph.message(11, (value) => describe(value, this.input, ['N', this.#width]));
        graph.message(12, (value) => describe(value, outputName, ['N']));
      })
      .message(8, (operators) => operators.text(1, '').varint(2, 17));
    for (const [key, value] of Object.entries(metadata)) model.message(14, (entry) => entry.text(1, key).text(2, value));
    return model.bytes();
  }

  #constant(type: number, values: readonly number[], dims: readonly number[], put: (view: DataView, at: number, value: number) => void): OnnxValue {
    const view = new DataView(new ArrayBuffer(values.length * 8));
    values.forEach((value, i) => put(view, i * 8, value));
    const name = `constant_${this.#constants.length}` as OnnxValue;
    const tensor = new ProtobufWriter();
    for (const dim of dims) tensor.varint(1, dim);
    this.#constants.push(tensor.varint(2, type).text(8, name).raw(9, new Uint8Array(view.buffer)).bytes());
    return name;
  }
}

/** ValueInfoProto of a float32 tensor; a text is a dimension that is open. */
function describe(value: ProtobufWriter, name: string, dims: readonly (number | string)[]): void {
  value.text(1, name).message(2, (type) =>
    type.message(1, (tensor) =>
      tensor.varint(1, float).message(2, (shape) => {
        for (const dim of dims) shape.message(1, (d) => (typeof dim === 'string' ? d.text(2, dim) : d.varint(1, dim)));
      }),
    ),
  );
}

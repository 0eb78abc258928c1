import { chain, logistic, slow, tree } from './good-models.ts';
import { floats, integers, node, onnxFile, tensor, value } from './onnx-file.ts';
import { message, nested, number, raw, text, varint, type Bytes } from './protobuf.ts';

export interface HostileModel {
  readonly name: string;
  readonly bytes: Bytes;
  /**
   * Where it must end at the latest: `check` before any runtime sees it, `load` in a child that loads it, `answer` in a child that asks its
   * golden rows; `harmless` may pass all of it, if the child lives.
   */
  readonly ends: 'check' | 'load' | 'answer' | 'harmless';
}

const external = (path: string): Bytes[] => [nested(13, text(1, 'location'), text(2, path)), number(14, 1)];
const withTensor = (each: Bytes): Bytes => logistic({ constants: [each] });
const scored = (...nodes: Bytes[]): Bytes => logistic({ nodes });
const graphAttribute = (depth: number): Bytes => {
  let graph = nested(7, text(2, 'inner'));
  for (let i = 0; i < depth; i++) graph = nested(6, nested(1, text(4, 'If'), raw(5, message(text(1, 'then_branch'), graph, number(20, 5)))));
  return graph;
};
const loop = node('Loop', ['', 'always', 'zero'], ['ignored'], {
  body: message(nested(6, nested(1, text(1, 'go'), text(2, 'on'), text(4, 'Identity')), text(2, 'body'), raw(11, value('turn', 7, [])), raw(11, value('go', 9, [])), raw(12, value('on', 9, []))), number(20, 5)),
});
const sum = (from: string): Bytes[] => [node('ReduceSum', [from], ['bulk'], { keepdims: 0 }), node('MatMul', ['features', 'weights'], ['dot']), node('Add', ['dot', 'bulk'], ['shifted']), node('Sigmoid', ['shifted'], ['score'])];
const bulky = (nodes: Bytes[], constants: Bytes[]): Bytes => onnxFile({ nodes: [...nodes, ...sum('big')], constants: [floats('weights', [0.5, -1, 2]), ...constants] });
const sparse = nested(15, nested(1, number(1, 1), number(2, 1), text(8, 'weights_sparse'), raw(9, new Uint8Array(4))), nested(2, number(1, 1), number(2, 7), raw(9, new Uint8Array(8))), number(3, 3));
const sparseExternal = nested(15, nested(1, number(1, 1), number(2, 1), text(8, 'sparse'), ...external('../secret')), number(3, 3));

const list: readonly (readonly [ends: HostileModel['ends'], name: string, bytes: () => Bytes])[] = [
  ['check', 'external data ../', () => withTensor(tensor('x', 1, [1], new Uint8Array(4), ...external('../../etc/passwd')))],
  ['check', 'external data, absolute', () => withTensor(tensor('x', 1, [1], new Uint8Array(0), ...external('/etc/passwd')))],
  ['check', 'external data beside the file', () => withTensor(tensor('x', 1, [1], new Uint8Array(0), ...external('signature.json')))],
  ['check', 'external data of the working directory', () => withTensor(message(number(1, 4), number(2, 2), text(8, 'x'), ...external('./package.json')))],
  ['check', 'external data by location alone', () => withTensor(tensor('x', 1, [1], new Uint8Array(4), number(14, 1)))],
  ['check', 'external data without location', () => withTensor(tensor('x', 1, [1], new Uint8Array(4), nested(13, text(1, 'location'), text(2, 'a'))))],
  ['check', 'external data in an attribute', () => scored(node('Constant', [], ['c'], { value: message(nested(5, number(1, 1), number(2, 1), ...external('../x')), number(20, 4)) }))],
  ['check', 'sparse tensor', () => logistic({ graph: [sparse] })],
  ['check', 'sparse tensor with external data', () => logistic({ graph: [sparseExternal] })],
  ['check', 'sparse tensor in an attribute', () => scored(node('Constant', [], ['c'], { sparse_value: message(nested(22, nested(1, number(1, 1), number(2, 1), ...external('../x'))), number(20, 11)) }))],
  ['check', 'unknown domain', () => logistic({ operators: { '': 17, 'com.evil': 1 }, nodes: [node('Run', ['features'], ['x'], {}, 'com.evil')] })],
  ['check', 'domain of the runtime', () => logistic({ operators: { '': 17, 'com.microsoft': 1 }, nodes: [node('MatMulNBits', ['features'], ['x'], {}, 'com.microsoft')] })],
  ['check', 'unknown operator', () => scored(node('Evil', ['features'], ['x']))],
  ['check', 'operator named like a property', () => scored(node('constructor', ['features'], ['x'], {}, '__proto__'))],
  ['check', 'local function that calls itself', () => logistic({ model: [nested(25, text(1, 'F'), text(4, 'x'), text(5, 'y'), raw(7, node('F', ['x'], ['y'], {}, 'local')), text(10, 'local'))], operators: { '': 17, local: 1 }, nodes: [node('F', ['features'], ['x'], {}, 'local')] })],
  ['check', 'training information', () => logistic({ model: [nested(20, nested(1, text(2, 'training')))] })],
  ['check', 'endless Loop', () => logistic({ nodes: [loop], constants: [floats('zero', [0], []), tensor('always', 9, [], Uint8Array.of(1))] })],
  ['check', 'graphs nested 2,000 deep', () => scored(node('If', ['features'], ['x'], { then_branch: graphAttribute(2000) }))],
  ['check', 'graph in an operator that takes none', () => scored(node('Relu', ['features'], ['x'], { body: message(nested(6, text(2, 'inner')), number(20, 5)) }))],
  ['check', '60,000 nodes', () => chain(60_000)],
  ['harmless', 'chain of 20,000 nodes', () => chain(20_000)],
  ['check', '8 GB from a constant shape', () => bulky([node('ConstantOfShape', ['shape'], ['big'])], [integers('shape', [1_000_000_000, 2])])],
  ['check', '8 GB from a shape in a Constant', () => bulky([node('Constant', [], ['shape'], { value_ints: [65_536, 32_768] }), node('ConstantOfShape', ['shape'], ['big'])], [])],
  ['answer', '8 GB from a shape that is computed', () => bulky([node('Add', ['half', 'half'], ['shape']), node('ConstantOfShape', ['shape'], ['big'])], [integers('half', [500_000_000, 1])])],
  ['answer', '8 GB from the number of rows', () => bulky([node('Shape', ['features'], ['rows']), node('Mul', ['rows', 'much'], ['shape']), node('ConstantOfShape', ['shape'], ['big'])], [integers('much', [60_000, 20_000])])],
  ['check', 'Expand to 4 GB', () => bulky([node('Expand', ['features', 'shape'], ['big'])], [integers('shape', [1_000_000, 1, 1024])])],
  ['check', 'Tile of 4 GB', () => bulky([node('Tile', ['features', 'repeats'], ['big'])], [integers('repeats', [30_000, 30_000])])],
  ['answer', 'Tiles that double 40 times', () => bulky(Array.from({ length: 40 }, (_, i) => node('Concat', Array<string>(2).fill(i === 0 ? 'features' : `double_${i - 1}`), [i === 39 ? 'big' : `double_${i}`], { axis: 0 })), [])],
  ['check', 'Range to 2^40', () => bulky([node('Range', ['from', 'to', 'by'], ['numbers']), node('Cast', ['numbers'], ['big'], { to: 1 })], [integers('from', [0], []), integers('to', [2 ** 40], []), integers('by', [1], [])])],
  ['check', 'Pad by 2^31', () => bulky([node('Pad', ['features', 'pads'], ['big'])], [integers('pads', [0, 2 ** 31, 0, 2 ** 31])])],
  ['check', 'OneHot of depth 2^33', () => bulky([node('OneHot', ['which', 'depth', 'offOn'], ['big'])], [integers('which', [1]), integers('depth', [2 ** 33], []), floats('offOn', [0, 1])])],
  ['check', 'constant whose shape overflows 64 bits', () => withTensor(tensor('x', 1, [2n ** 32n, 2n ** 32n], new Uint8Array(0)))],
  ['check', 'constant with a dimension of 0 beside a huge one', () => withTensor(tensor('x', 1, [2n ** 62n, 0], new Uint8Array(0)))],
  ['check', 'constant with a negative dimension', () => withTensor(tensor('x', 1, [-1], new Uint8Array(4)))],
  ['check', 'constant larger than its bytes', () => withTensor(tensor('x', 1, [1_000_000], new Uint8Array(4)))],
  ['check', 'constant with its values twice', () => withTensor(tensor('x', 1, [1], new Uint8Array(4), raw(4, new Uint8Array(4))))],
  ['check', 'constant of texts', () => withTensor(message(number(1, 1), number(2, 8), text(6, 'x'), text(8, 'x')))],
  ['check', 'two constants of one name', () => logistic({ constants: [floats('weights', [1, 2, 3])] })],
  ['check', 'two nodes that give one value', () => scored(node('Relu', ['features'], ['x']), node('Relu', ['features'], ['x']))],
  ['check', 'nodes in a circle', () => scored(node('Add', ['features', 'b'], ['a']), node('Add', ['features', 'a'], ['b']))],
  ['check', 'value that nothing gives', () => scored(node('Relu', ['nowhere'], ['x']))],
  ['answer', 'feature id 10^9 in a tree', () => tree({ nodes_featureids: [1_000_000_000, 0, 0] })],
  ['answer', 'feature id below 0 in a tree', () => tree({ nodes_featureids: [-7, 0, 0] })],
  ['answer', 'tree in a circle', () => tree({ nodes_truenodeids: [0, 0, 0], nodes_falsenodeids: [0, 0, 0] })],
  ['load', 'tree with lists of different lengths', () => tree({ nodes_values: Float32Array.of(0) })],
  ['answer', 'tree with 10^9 targets', () => tree({ target_ids: [0, 999_999_999], n_targets: [1_000_000_000] })],
  ['answer', 'index 10^12 in Gather', () => onnxFile({ nodes: [node('Gather', ['features', 'far'], ['column'], { axis: 1 }), node('Sigmoid', ['column'], ['score'])], constants: [integers('far', [10 ** 12], [])] })],
  ['check', 'input of another name', () => logistic({ inputs: [value('x', 1, ['N', 3])] })],
  ['check', 'input of texts', () => logistic({ inputs: [value('features', 8, ['N', 3])] })],
  ['check', 'input of another width', () => logistic({ inputs: [value('features', 1, ['N', 4])] })],
  ['check', 'input of one row', () => logistic({ inputs: [value('features', 1, [1, 3])] })],
  ['check', 'input with a negative dimension', () => logistic({ inputs: [value('features', 1, [-1, 3])] })],
  ['check', 'input that is a sequence', () => logistic({ inputs: [message(text(1, 'features'), nested(2, nested(4, nested(1, nested(1, number(1, 1))))))] })],
  ['check', 'output of texts', () => logistic({ outputs: [value('score', 8, ['N'])] })],
  ['check', 'output with two dimensions', () => logistic({ outputs: [value('score', 1, ['N', 2])] })],
  ['check', '5,000 outputs', () => logistic({ outputs: [value('score', 1, ['N']), ...Array.from({ length: 5000 }, (_, i) => value(`o${i}`, 1, ['N']))] })],
  ['check', 'no output', () => logistic({ outputs: [] })],
  ['answer', 'score that is NaN', () => onnxFile({ nodes: [node('MatMul', ['features', 'weights'], ['dot']), node('Sqrt', ['dot'], ['score'])], constants: [floats('weights', [0, -1, -2])] })],
  ['answer', 'score that is infinite', () => onnxFile({ nodes: [node('MatMul', ['features', 'weights'], ['dot']), node('Reciprocal', ['dot'], ['score'])], constants: [floats('weights', [0, 0, 0])] })],
  ['answer', 'one score for all rows', () => onnxFile({ nodes: [node('ReduceSum', ['features'], ['all'], { keepdims: 0 }), node('Reshape', ['all', 'flat'], ['score'])], constants: [integers('flat', [-1])], outputs: [value('score', 1, ['N'])] })],
  ['check', 'operator set 999', () => logistic({ operators: { '': 999 } })],
  ['check', 'operator set -1', () => logistic({ operators: { '': -1 } })],
  ['check', 'no operator set', () => logistic({ operators: {} })],
  ['check', 'IR version 2^31', () => logistic({ irVersion: 2 ** 31 })],
  ['check', 'cut in the middle', () => logistic().subarray(0, 80)],
  ['check', 'garbage', () => Uint8Array.from({ length: 4096 }, (_, i) => (i * 197 + 31) % 256)],
  ['check', 'zeros', () => new Uint8Array(1000)],
  ['check', 'length of 2^63', () => message(logistic(), varint(6 * 8 + 2), varint(2n ** 63n))],
  ['check', 'number of 11 bytes', () => message(Uint8Array.of(8), new Uint8Array(10).fill(0xff), Uint8Array.of(1))],
  ['check', 'two graphs, which parsers merge', () => message(logistic(), logistic())],
  ['check', 'group in place of a message', () => message(logistic(), Uint8Array.of(0x0b, 0x0c))],
  ['check', 'unknown field', () => logistic({ model: [text(99, 'x')] })],
  ['check', 'name of 1 MB', () => scored(node('Relu', ['features'], ['x'.repeat(2 ** 20)]))],
  ['check', 'name that is no UTF-8', () => scored(message(text(1, 'features'), raw(2, Uint8Array.of(0xff, 0xfe)), text(4, 'Relu')))],
  ['check', '5,000,000 fields', () => logistic({ graph: [new Uint8Array(10_000_000).map((_, i) => (i % 2 === 0 ? 0x6a : 0))] })],
  ['check', '20 dimensions', () => withTensor(tensor('x', 1, Array<number>(20).fill(1), new Uint8Array(4)))],
  ['answer', 'hours of work for any row', () => bulky([node('ConstantOfShape', ['shape'], ['start']), ...Array.from({ length: 400 }, (_, i) => node('MatMul', [i === 0 ? 'start' : `p${i - 1}`, 'start'], [i === 399 ? 'big' : `p${i}`]))], [integers('shape', [3000, 3000])])],
  ['harmless', 'hours of work for some rows', slow],
];

/** Models that a stranger might send in, built anew at each call. */
export const hostileModels = (): HostileModel[] => list.map(([ends, name, bytes]) => ({ name, ends, bytes: bytes() }));

import { floats, integers, node, onnxFile, type OnnxFile } from './onnx-file.ts';
import { message, number, text, type Bytes } from './protobuf.ts';

const weights = [0.5, -1, 2];

/** Score that the models below give to a row of three numbers. */
export const logisticScore = (row: readonly number[]): number => 1 / (1 + Math.exp(-row.reduce((sum, x, i) => sum + x * weights[i]!, 0)));

/** Nodes from `logit` [N] to `score`. */
const sigmoid = (logit: string): Bytes => node('Sigmoid', [logit], ['score']);
const logit = (to = 'logit'): Bytes => node('MatMul', ['features', 'weights'], [to]);
const weightsTensor = floats('weights', weights);

/** score = 1 / (1 + exp(-(features . [0.5, -1, 2]))); NaN in a row gives NaN. With more nodes, constants and so on. */
export const logistic = ({ nodes = [], constants = [], ...rest }: Partial<OnnxFile> = {}): Bytes => onnxFile({ ...rest, nodes: [...nodes, logit(), sigmoid('logit')], constants: [weightsTensor, ...constants] });

/**
 * The same score, after work that grows with the cube of a row's first number where it is above 100: 3,000 takes minutes on a core and
 * 200 MB, 0 no time. Rows of one call share the work.
 */
export function slow(): Bytes {
  const rounds = 200;
  const work = Array.from({ length: rounds }, (_, i) => node('MatMul', [i === 0 ? 'square' : `product_${i - 1}`, 'square'], [`product_${i}`]));
  return onnxFile({
    nodes: [
      node('Gather', ['features', 'first'], ['column'], { axis: 1 }),
      node('ReduceMax', ['column'], ['most'], { keepdims: 0 }),
      node('Sub', ['most', 'free'], ['above']),
      node('Relu', ['above'], ['counted']),
      node('Cast', ['counted'], ['side'], { to: 7 }),
      node('Unsqueeze', ['side', 'axis'], ['sides']),
      node('Concat', ['sides', 'sides'], ['shape'], { axis: 0 }),
      node('ConstantOfShape', ['shape'], ['square']),
      ...work,
      node('ReduceSum', [`product_${rounds - 1}`], ['sum'], { keepdims: 0 }),
      logit(),
      node('Add', ['logit', 'sum'], ['shifted']),
      sigmoid('shifted'),
    ],
    constants: [weightsTensor, integers('first', [0], []), floats('free', [100], []), integers('axis', [0])],
  });
}

/** A tree ensemble: below 0 in the first number 0.25, else 0.75. With other attributes in place of the right ones. */
export function tree(attributes: Readonly<Record<string, readonly number[] | Float32Array>> = {}): Bytes {
  return onnxFile({
    operators: { '': 17, 'ai.onnx.ml': 3 },
    nodes: [
      node('TreeEnsembleRegressor', ['features'], ['trees'], {
        nodes_treeids: [0, 0, 0], nodes_nodeids: [0, 1, 2], nodes_featureids: [0, 0, 0], nodes_truenodeids: [1, 0, 0], nodes_falsenodeids: [2, 0, 0], nodes_values: Float32Array.of(0, 0, 0),
        nodes_modes: modes(['BRANCH_LT', 'LEAF', 'LEAF']), target_treeids: [0, 0], target_nodeids: [1, 2], target_ids: [0, 0], target_weights: Float32Array.of(0.25, 0.75), n_targets: 1, ...attributes,
      }, 'ai.onnx.ml'),
      node('Reshape', ['trees', 'flat'], ['score']),
    ],
    constants: [integers('flat', [-1])],
  });
}

function modes(names: readonly string[]): Bytes {
  return message(...names.map((name) => text(9, name)), number(20, 8));
}

/** A chain of so many additions of 0 before the score. */
export const chain = (length: number): Bytes =>
  onnxFile({
    nodes: [logit(), ...Array.from({ length }, (_, i) => node('Add', [i === 0 ? 'logit' : `link_${i - 1}`, 'zero'], [`link_${i}`])), sigmoid(`link_${length - 1}`)],
    constants: [weightsTensor, floats('zero', [0])],
  });

import { MillraceError } from '@millrace/contracts';
import type { CyclicColumn, Encoding, NumericColumn, OneHotColumn } from './encoding.ts';
import type { LogisticModel } from './fit-logistic.ts';
import { double, float, OnnxGraph, type OnnxValue } from './onnx/onnx-graph.ts';

/**
 * The model as an ONNX file that takes features as served: input `features` float32 [N, F] (NaN or infinite = missing), output `score`
 * float32 [N], the probability of label 1. Equal arguments give equal bytes.
 *
 * The graph computes in float64, and sums by Mul and ReduceSum instead of Gemm: a score is that of `scoreLogistic` rounded to float32,
 * and does not depend on the batch that its row came in. In float32 the vectorised sine and sigmoid of a runtime differ in the last bit
 * between the rows of a batch, and devices round the products of a Gemm to shorter formats.
 *
 * @param featureNames the features as served, in order; checked against the encoding and kept as metadata
 * @throws MillraceError SHAPE_MISMATCH, NOT_FINITE
 * @example await writeFile('model.onnx', writeLogisticOnnx(encoding, model, encoding.names))
 */
export function writeLogisticOnnx(encoding: Encoding, model: Pick<LogisticModel, 'coefficients' | 'intercept'>, featureNames: readonly string[]): Uint8Array<ArrayBuffer> {
  const { names, numeric, cyclic, oneHot, columns } = encoding;
  if (model.coefficients.length !== columns.length || names.join('\0') !== featureNames.join('\0'))
    throw new MillraceError('SHAPE_MISMATCH', `model of ${model.coefficients.length} coefficients and features ${featureNames.join(', ')} does not fit an encoding of ${columns.length} columns and features ${names.join(', ')}`, {
      hint: 'use the encoding that the model was trained with',
    });

  const graph = new OnnxGraph('logistic-regression', 'features', names.length);
  const features = graph.node('Cast', [graph.input], { to: double });
  const zero = graph.doubles([0]);
  const blocks: OnnxValue[] = [];
  const indicators: OnnxValue[] = [];
  if (numeric.length > 0) {
    const served = take(graph, features, numeric.map(({ index }) => index));
    const missing = isMissing(graph, served);
    blocks.push(graph.node('Where', [missing, zero, standardise(graph, served, numeric)]));
    const which = numeric.flatMap(({ indicator }, i) => (indicator ? [i] : []));
    if (which.length > 0) indicators.push(graph.node('Cast', [take(graph, missing, which)], { to: double }));
  }
  for (const column of cyclic) blocks.push(circle(graph, features, zero, column));
  for (const column of oneHot) blocks.push(categories(graph, features, column));
  blocks.push(...indicators);

  const first = blocks[0];
  if (first === undefined) throw new MillraceError('SHAPE_MISMATCH', 'model has no features', { hint: 'declare at least one feature' });
  const encoded = blocks.length === 1 ? first : graph.node('Concat', blocks, { axis: 1 });
  const terms = graph.node('Mul', [encoded, graph.doubles([...model.coefficients])]);
  const sum = graph.node('ReduceSum', [terms, graph.integers([1])], { keepdims: 0 });
  const score = graph.node('Sigmoid', [graph.node('Add', [sum, graph.doubles([model.intercept])])]);
  return graph.write(graph.node('Cast', [score], { to: float }), 'score', { features: JSON.stringify(names) });
}

function take(graph: OnnxGraph, from: OnnxValue, columns: readonly number[]): OnnxValue {
  return graph.node('Gather', [from, graph.integers(columns)], { axis: 1 });
}

function isMissing(graph: OnnxGraph, served: OnnxValue): OnnxValue {
  return graph.node('Or', [graph.node('IsNaN', [served]), graph.node('IsInf', [served])]);
}

function standardise(graph: OnnxGraph, served: OnnxValue, numeric: readonly NumericColumn[]): OnnxValue {
  const centred = graph.node('Sub', [served, graph.doubles(numeric.map(({ mean }) => mean))]);
  return graph.node('Mul', [centred, graph.doubles(numeric.map(({ deviation }) => (deviation === 0 ? 0 : 1 / deviation)))]);
}

function circle(graph: OnnxGraph, features: OnnxValue, zero: OnnxValue, { index, period, harmonics }: CyclicColumn): OnnxValue {
  const served = take(graph, features, [index]);
  const rest = graph.node('Mod', [served, graph.doubles([period])], { fmod: 1 });
  // cos x = sin (x + π/2): runtimes have a float64 Sin, but not all a float64 Cos.
  const factors = Array.from({ length: 2 * harmonics }, (_, i) => (2 * Math.PI * (1 + Math.floor(i / 2))) / period);
  const shifts = factors.map((_, i) => (i % 2) * (Math.PI / 2));
  const angles = graph.node('Add', [graph.node('Mul', [rest, graph.doubles(factors, [1, factors.length])]), graph.doubles(shifts)]);
  return graph.node('Where', [isMissing(graph, served), zero, graph.node('Sin', [angles])]);
}

function categories(graph: OnnxGraph, features: OnnxValue, { index, size }: OneHotColumn): OnnxValue {
  const codes = graph.doubles(Array.from({ length: size - 1 }, (_, i) => i + 1), [1, size - 1]);
  return graph.node('Cast', [graph.node('Equal', [take(graph, features, [index]), codes])], { to: double });
}

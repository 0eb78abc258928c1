export { applyEncoding } from './apply-encoding.ts';
export type { ColumnEncoding, CyclicColumn, Encoding, NumericColumn, OneHotColumn } from './encoding.ts';
export { evaluate } from './evaluate.ts';
export { fitEncoding } from './fit-encoding.ts';
export { fitLogistic, type LogisticModel, type LogisticOptions } from './fit-logistic.ts';
export { scoreLogistic } from './score-logistic.ts';
export { splitNewest, type Split } from './split-newest.ts';
export { writeLogisticOnnx } from './write-logistic-onnx.ts';

export { chain, logistic, logisticScore, slow, tree } from './good-models.ts';
export { hostileModels, type HostileModel } from './hostile-models.ts';
export { floats, integers, node, onnxFile, tensor, value, type OnnxFile } from './onnx-file.ts';

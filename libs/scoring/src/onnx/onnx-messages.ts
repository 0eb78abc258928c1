import type { FieldRule, MessageRule } from './message.ts';

const inline = 'write all values into the file itself, as dense tensors';
const flat = 'write the graph without control flow, functions and training: feed-forward operators of the sets "" and ai.onnx.ml';
const number = (name: string): FieldRule => ({ name, is: 'number' });
const text = (name: string): FieldRule => ({ name, is: 'text' });
const texts = (name: string): FieldRule => ({ name, is: 'text', many: true });
const bytes = (name: string): FieldRule => ({ name, is: 'bytes' });
const message = (name: string): FieldRule => ({ name, is: 'message' });
const messages = (name: string): FieldRule => ({ name, is: 'message', many: true });
const list = (name: string, is: 'numbers' | 'floats' | 'doubles'): FieldRule => ({ name, is, many: true });
const refused = (name: string, hint: string): FieldRule => ({ name, is: 'refused', hint });

/*
 * The messages of an ONNX file as far as they are admitted. What is refused is named, what is not listed is refused as unknown.
 * Source: onnx/onnx, `onnx.proto` and `onnx-ml.proto` (IR versions 3 to 13).
 */

export const modelMessage: MessageRule = {
  1: number('ir_version'), 2: bytes('producer_name'), 3: bytes('producer_version'), 4: bytes('domain'), 5: number('model_version'), 6: bytes('doc_string'), 7: message('graph'),
  8: messages('opset_import'), 14: messages('metadata_props'), 20: refused('training information', flat), 25: refused('a local function', flat), 26: refused('a device configuration', flat),
};

export const operatorSetMessage: MessageRule = { 1: text('domain'), 2: number('version') };

export const graphMessage: MessageRule = {
  1: messages('node'), 2: bytes('name'), 5: messages('initializer'), 10: bytes('doc_string'), 11: messages('input'), 12: messages('output'), 13: messages('value_info'),
  14: refused('quantization annotations', flat), 15: refused('a sparse tensor', inline), 16: messages('metadata_props'),
};

export const nodeMessage: MessageRule = {
  1: texts('input'), 2: texts('output'), 3: text('name'), 4: text('op_type'), 5: messages('attribute'), 6: bytes('doc_string'), 7: text('domain'), 8: refused('an overload', flat),
  9: messages('metadata_props'), 10: refused('a device configuration', flat),
};

export const attributeMessage: MessageRule = {
  1: text('name'), 2: { name: 'f', is: 'float' }, 3: number('i'), 4: bytes('s'), 5: message('t'), 6: refused('a graph inside a node', flat), 7: list('floats', 'floats'), 8: list('ints', 'numbers'),
  9: { name: 'strings', is: 'bytes', many: true }, 10: messages('tensors'), 11: refused('graphs inside a node', flat), 13: bytes('doc_string'), 14: refused('a type as attribute', flat),
  15: refused('types as attribute', flat), 20: number('type'), 21: refused('a reference to an attribute of a function', flat), 22: refused('a sparse tensor', inline), 23: refused('sparse tensors', inline),
};

export const tensorMessage: MessageRule = {
  1: list('dims', 'numbers'), 2: number('data_type'), 3: refused('a segment', inline), 4: list('float_data', 'floats'), 5: list('int32_data', 'numbers'), 6: refused('texts as values', inline),
  7: list('int64_data', 'numbers'), 8: text('name'), 9: bytes('raw_data'), 10: list('double_data', 'doubles'), 11: list('uint64_data', 'numbers'), 12: bytes('doc_string'),
  13: refused('external data', inline), 14: number('data_location'), 16: messages('metadata_props'),
};

export const valueMessage: MessageRule = { 1: text('name'), 2: message('type'), 3: bytes('doc_string'), 4: messages('metadata_props') };

const tensorsOnly = 'write dense tensors only: no sequences, maps, optional or sparse values (for classifiers of scikit-learn: zipmap off)';
export const typeMessage: MessageRule = {
  1: message('tensor_type'), 4: refused('a sequence type', tensorsOnly), 5: refused('a map type', tensorsOnly), 6: bytes('denotation'), 7: refused('an opaque type', tensorsOnly), 8: refused('a sparse type', tensorsOnly),
  9: refused('an optional type', tensorsOnly),
};

export const tensorTypeMessage: MessageRule = { 1: number('elem_type'), 2: message('shape') };
export const shapeMessage: MessageRule = { 1: messages('dim') };
export const dimensionMessage: MessageRule = { 1: number('dim_value'), 2: text('dim_param'), 3: bytes('denotation') };

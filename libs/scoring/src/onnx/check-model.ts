import { checkNode, type Known } from './check-node.ts';
import { checkTensor } from './check-tensor.ts';
import { checkSignature, checkValue } from './check-values.ts';
import { Message, type Span } from './message.ts';
import { ModelRefusal } from './model-refusal.ts';
import { graphMessage, modelMessage, operatorSetMessage } from './onnx-messages.ts';
import { operatorSets } from './operators.ts';
import { ProtobufWalker } from './protobuf-walker.ts';

const mostNodes = 50_000;
const mostConstants = 50_000;
/** Fields of the whole file: those of 50,000 nodes and of the lists of large tree ensembles. */
const mostFields = 2_000_000;
const irVersions = { oldest: 3, newest: 13 };

/** What an admitted model consists of. */
export interface CheckedModel {
  readonly nodes: number;
  readonly constants: number;
}

/**
 * Reads a model file before any runtime does, with its own limits: size of everything that the file lets a runtime allocate, operators
 * and operator sets of a list, no data outside the file, no graphs inside nodes (so nothing nests), no functions, no training.
 * What a model costs when it runs is not decided here: its process has a deadline and a limit of memory.
 *
 * @param bytes content of model.onnx
 * @param features numbers per row that it will be given
 * @throws ModelRefusal with the first thing that is wrong and where it stands
 * @example checkModel(await readFile('model.onnx'), 15) // { nodes: 24, constants: 11 }
 */
export function checkModel(bytes: Uint8Array, features: number): CheckedModel {
  const walker = new ProtobufWalker(bytes, mostFields);
  const model = new Message(walker, modelMessage, [0, bytes.length], 'the model');
  const version = model.number('ir_version') ?? 0;
  if (version < irVersions.oldest || version > irVersions.newest) throw new ModelRefusal(`the model has the IR version ${version}, ${irVersions.oldest} to ${irVersions.newest} are admitted`);
  const domains = domainsOf(model);
  const [place] = model.spansOf('graph');
  if (place === undefined) throw new ModelRefusal('the model has no graph');
  const graph = new Message(walker, graphMessage, place, 'the graph');
  const nodes = counted(graph, 'node', mostNodes);
  const constants = counted(graph, 'initializer', mostConstants);

  const values = (name: string, kind: string) => graph.spansOf(name).map((each) => checkValue(walker, each, kind));
  const inputs = values('input', 'input');
  const outputs = values('output', 'output');
  values('value_info', 'value');
  checkSignature(inputs, outputs, features);
  const known: Known = new Map([['features', undefined]]);
  for (const [i, each] of constants.entries()) {
    const { name, integers } = checkTensor(walker, each, `constant ${i}`);
    if (name === '' || known.has(name)) throw new ModelRefusal(`constant ${i} has ${name === '' ? 'no name' : `the name '${name}', which is given already`}`);
    known.set(name, integers);
  }
  for (const [i, node] of nodes.entries()) checkNode(walker, node, i, domains, known);
  if (!known.has('score')) throw new ModelRefusal("no node gives the output 'score'");
  return { nodes: nodes.length, constants: constants.length };
}

function counted(graph: Message, name: string, most: number): readonly Span[] {
  const all = graph.spansOf(name);
  if (all.length > most) throw new ModelRefusal(`the graph has ${all.length} of ${name}, ${most} are allowed`);
  return all;
}

function domainsOf(model: Message): ReadonlySet<string> {
  const domains = new Set<string>();
  for (const span of model.spansOf('opset_import')) {
    const imported = new Message(model.walker, operatorSetMessage, span, 'an operator set');
    const domain = imported.text('domain') === 'ai.onnx' ? '' : imported.text('domain');
    const version = imported.number('version') ?? 0;
    const limits = Object.hasOwn(operatorSets, domain) ? operatorSets[domain] : undefined;
    if (limits === undefined) throw new ModelRefusal(`the model imports the operator domain '${domain}'`, 'use operators of the domains "" and ai.onnx.ml');
    if (version < limits.oldest || version > limits.newest) throw new ModelRefusal(`the model imports version ${version} of the operators '${domain}', ${limits.oldest} to ${limits.newest} are admitted`);
    if (domains.has(domain)) throw new ModelRefusal(`the model imports the operators '${domain}' twice`);
    domains.add(domain);
  }
  if (!domains.has('')) throw new ModelRefusal('the model imports no operator set');
  return domains;
}

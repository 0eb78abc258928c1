import { aggregates, type AskPlan, type Evaluator, type FeaturePlan, type JudgePlan, type LanePlan, type Slot, type StreamPlan, type ViewPlan } from '@millrace/features';

import { canonicalJson, sha256 } from './canonical-json.ts';
import { compileCel } from './compile-cel.ts';
import { definitionError } from './definition-error.ts';
import { DefinitionIndex } from './definition-index.ts';
import type { DefinitionSet, ModelDefinition, ViewDefinition } from './definition-set.ts';
import type { FieldKind } from './field.ts';
import { limits } from './limits.ts';
import { kindOf } from './stream-events.ts';

/**
 * Compiles a set of definitions for the fold of a lane.
 *
 * @throws MillraceError DEFINITION_INVALID for an expression, name or type that does not fit
 */
export function compilePlan(set: DefinitionSet, index = new DefinitionIndex(set)): LanePlan {
  const expressions = new Map(set.streams.map(({ name }) => [name, new StreamExpressions(index.kinds(name, `stream '${name}'`))]));
  const on = (stream: string, by: string): StreamExpressions => expressions.get(index.stream(stream, by).name)!;
  for (const { name, keys } of set.entities) for (const [stream, key] of Object.entries(keys)) on(stream, `entity '${name}'`).slot(key, ['text', 'whole'], `entity '${name}'`);
  for (const { stream, features } of set.rowFeatures)
    for (const { name, value } of features) on(stream, `row features of '${stream}'`).slot(value, ['whole', 'real', 'flag', 'text'], `row feature '${stream}.${name}'`);
  const views = set.views.map((view) => compileView(view, index, on(view.from, `view '${view.name}'`)));
  const numbers = new Map(set.views.map(({ name }, number) => [name, number]));
  const asks = set.models.map((model) => [model.predicts, compileAsk(model, index, on(model.predicts, `model '${model.name}'`), numbers)] as const);
  const judges = set.models.map((model) => [model.label.from, compileJudge(model, index, on(model.label.from, `model '${model.name}'`))] as const);
  const steps = [...expressions.values()].reduce((sum, each) => sum + each.steps, 0);
  if (steps > limits.stepsPerSet) throw definitionError('definitions', `all expressions together take ${steps} steps, ${limits.stepsPerSet} are allowed`);
  const streams = set.streams.map(({ name }): StreamPlan => ({
    name,
    expressions: expressions.get(name)!.evaluators,
    asks: asks.filter(([stream]) => stream === name).map(([, ask]) => ask),
    judges: judges.filter(([stream]) => stream === name).map(([, judge]) => judge),
  }));
  const definitions = canonicalJson(set);
  return { hash: sha256(definitions), definitions, streams, views };
}

/** Expressions of a stream, each once. */
class StreamExpressions {
  readonly evaluators: Evaluator[] = [];
  /** What all of them cost, as CompiledCel.cost says. */
  steps = 0;
  private readonly fields: Readonly<Record<string, FieldKind>>;
  private readonly known = new Map<string, { slot: Slot; kind: FieldKind; reads: readonly string[] }>();

  constructor(fields: Readonly<Record<string, FieldKind>>) {
    this.fields = fields;
  }

  slot(source: string, kinds: readonly FieldKind[], by: string): Slot {
    const { slot, kind } = this.compile(source, by);
    if (!kinds.includes(kind)) throw definitionError(by, `${kinds.join(' or ')} is needed, not ${kind}, in: ${source}`);
    return slot;
  }

  kindOf(source: string, by: string): FieldKind {
    return this.compile(source, by).kind;
  }

  /** Kinds of the fields that an expression reads. */
  reads(source: string, by: string): object {
    return Object.fromEntries(this.compile(source, by).reads.map((name) => [name, this.fields[name]]));
  }

  private compile(source: string, by: string): { slot: Slot; kind: FieldKind; reads: readonly string[] } {
    let known = this.known.get(source);
    if (known) return known;
    try {
      const { kind, reads, evaluate, cost } = compileCel(source, this.fields);
      this.steps += cost;
      if (this.steps > limits.stepsPerStream) throw new Error(`the expressions of the stream take more than ${limits.stepsPerStream} steps per event`);
      if (this.evaluators.length >= limits.expressionsPerStream) throw new Error(`the stream has more than ${limits.expressionsPerStream} expressions`);
      known = { slot: this.evaluators.push(evaluate) - 1, kind, reads };
    } catch (error) {
      throw definitionError(by, `${(error as Error).message}, in: ${source}`);
    }
    this.known.set(source, known);
    return known;
  }
}

const wanted: Readonly<Record<'number' | 'condition' | 'text', readonly FieldKind[]>> = { number: ['whole', 'real'], condition: ['flag'], text: ['text', 'whole'] };

function compileView(view: ViewDefinition, index: DefinitionIndex, from: StreamExpressions): ViewPlan {
  const by = `view '${view.name}'`;
  const entity = index.key(view.entity, view.from, by);
  const measures: { kind: ViewPlan['measures'][number]['kind']; value: Slot | undefined }[] = [];
  const features = view.features.map(({ name, aggregate, of, window, lengthMs }) => {
    const rules = aggregates[aggregate];
    if ((rules.of === undefined) !== (of === undefined)) throw definitionError(by, `feature '${name}': ${aggregate} takes ${rules.of === undefined ? 'no' : 'an'} expression`);
    if (lengthMs % view.resolutionMs !== 0) throw definitionError(by, `the window of '${name}' is no multiple of the resolution`);
    const most = aggregate === 'distinctCount' ? limits.tilesPerDistinctWindow : limits.tilesPerWindow;
    if (lengthMs / view.resolutionMs > most) throw definitionError(by, `the window of '${name}' has ${lengthMs / view.resolutionMs} tiles, ${most} are allowed for ${aggregate}`, 'use a coarser resolution');
    const value = of === undefined ? undefined : from.slot(of, wanted[rules.of!], `${by}, feature '${name}'`);
    let measure = measures.findIndex((each) => each.kind === rules.measure && each.value === value);
    if (measure < 0) measure = measures.push({ kind: rules.measure, value }) - 1;
    return { aggregate, measure, window, lengthMs };
  });
  const sources = [entity, ...view.features.flatMap(({ of }) => of ?? [])];
  return {
    key: canonicalJson({ view, entity, reads: sources.map((source) => from.reads(source, by)) }),
    from: view.from,
    entity: from.slot(entity, ['text', 'whole'], by),
    resolutionMs: view.resolutionMs,
    longestMs: Math.max(...features.map(({ lengthMs }) => lengthMs)),
    measures,
    features,
  };
}

function compileAsk(model: ModelDefinition, index: DefinitionIndex, stream: StreamExpressions, views: ReadonlyMap<string, number>): AskPlan {
  const by = `model '${model.name}'`;
  const lookups: { view: number; entity: Slot }[] = [];
  const entities = new Map<string, Slot>();
  const features = model.features.map(({ name, feature }): FeaturePlan => {
    const found = index.feature(feature, by);
    if (found.kind === 'row') {
      if (found.stream !== model.predicts) throw definitionError(by, `feature '${name}' belongs to ${found.stream}, not to ${model.predicts}`);
      return { kind: 'row', value: stream.slot(found.value, ['whole', 'real', 'flag', 'text'], by), categorical: stream.kindOf(found.value, by) === 'text' };
    }
    const entity = stream.slot(index.key(found.view.entity, model.predicts, by), ['text', 'whole'], by);
    entities.set(found.view.entity, entity);
    const view = views.get(found.view.name)!;
    let lookup = lookups.findIndex((each) => each.view === view);
    if (lookup < 0) lookup = lookups.push({ view, entity }) - 1;
    return { kind: 'window', lookup, feature: found.feature };
  });
  return { model: model.name, featureSet: model.featureSet, entities: [...entities.values()], lookups, features };
}

function compileJudge(model: ModelDefinition, index: DefinitionIndex, from: StreamExpressions): JudgePlan {
  const by = `model '${model.name}'`;
  const { judges, value } = model.label;
  const predicts = index.stream(model.predicts, by);
  const kind = predicts.id === undefined ? undefined : kindOf(predicts, predicts.id);
  if (kind === undefined) throw definitionError(by, `${model.predicts} declares no id, so no label could name its events`);
  if (kindOf(index.stream(model.label.from, by), judges) !== kind) throw definitionError(by, `'${judges}' of ${model.label.from} is not of the type of the id of ${model.predicts}`);
  return {
    model: model.name,
    predicts: model.predicts,
    judged: kind === 'instant' ? (fields) => new Date(Number(fields[judges])) : (fields) => fields[judges] as number | bigint | string,
    value: from.slot(value, ['flag', 'whole', 'real'], by),
  };
}

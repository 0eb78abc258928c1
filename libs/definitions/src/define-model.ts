import { callSite } from './call-site.ts';
import { mark, type Defined } from './defined.ts';
import { definitionError } from './definition-error.ts';
import { firstIssue, typedModelSchema } from './definition-schema.ts';
import type { GateDefinition, TriggerDefinition } from './definition-set.ts';
import { streamOf, type AnyStream, type KeysOf, type Stream } from './define-stream.ts';
import { milliseconds, type Duration } from './duration.ts';
import type { Expression } from './expression.ts';
import type { Feature } from './feature.ts';
import type { Fields } from './field.ts';
import type { Learner } from './learner.ts';

export interface ModelOptions<P extends string, PF extends Fields, F, L extends string, LF extends Fields> {
  /** Stream whose events are predicted. */
  predicts: Stream<P, PF>;
  /** In the order of the vector. */
  features: F;
  label: {
    from: Stream<L, LF>;
    /** Field of `from` that holds the id of the judged event. */
    judges: KeysOf<LF, 'whole' | 'text' | 'instant'>;
    value: Expression<NoInfer<L>, boolean | number>;
    /** For how long after the event an outcome is waited for. */
    horizon: Duration;
    /** What an event without an outcome means. */
    absent: 'unknown';
  };
  learner: Learner<NoInfer<keyof F & string>>;
  training: { window: Duration; /** Share, newest by event time. */ holdout: number; minimumLabels: number; seed: number };
  gates: readonly GateDefinition[];
  /** Canary steps in per cent, each held for `minimum` outcomes in the smaller arm. */
  rollout: { steps: readonly number[]; minimum: number; maximumWait: Duration };
  retrain: { when: readonly TriggerDefinition[]; newLabels: number; cooldown: Duration };
}

/** A model as declared. */
export interface Model {
  readonly name: string;
}

/**
 * Declares a model: what it predicts, from which features, judged how, and by which rules it is trained, gated, rolled out and trained again.
 *
 * @throws MillraceError DEFINITION_INVALID with file, line and reason
 */
export function defineModel<const P extends string, const PF extends Fields, const F extends Readonly<Record<string, Feature<P>>>, const L extends string, const LF extends Fields>(
  name: string,
  options: ModelOptions<P, PF, F, L, LF>,
): Model {
  const at = callSite(defineModel);
  const fail = (reason: string, hint?: string): Error => definitionError(at, `model '${name}': ${reason}`, hint);
  const { learner, training, gates, rollout, retrain, label } = options;
  const predicts = streamOf(options.predicts as AnyStream, at);
  const from = streamOf(label.from as AnyStream, at);
  const needs = new Set<Defined>([predicts, from]);
  const features = Object.entries(options.features as Readonly<Record<string, Feature>>).map(([feature, { name: own, owner, kind }]) => {
    needs.add(owner);
    if (owner.kind === 'row features' && owner.definition.stream !== predicts.definition.name) throw fail(`feature '${feature}' belongs to ${owner.definition.stream}, not to ${predicts.definition.name}`);
    const entity = owner.kind === 'view' ? owner.needs.find((need) => need.kind === 'entity') : undefined;
    if (entity && !(predicts.definition.name in entity.definition.keys)) throw fail(`feature '${feature}' is kept by '${entity.definition.name}', which has no key on ${predicts.definition.name}`);
    if (kind === 'text') throw fail(`feature '${feature}' is text, which no learner takes yet`);
    return { name: feature, feature: `${owner.kind === 'view' ? owner.definition.name : owner.kind === 'row features' ? owner.definition.stream : ''}.${own}` };
  });
  const idKind = kindOf(predicts, predicts.definition.id);
  if (idKind === undefined) throw fail(`the predicted stream ${predicts.definition.name} declares no id, so no label could name its events`);
  if (kindOf(from, label.judges) !== idKind) throw fail(`'${label.judges}' of ${from.definition.name} is not of the type of the id of ${predicts.definition.name}`);
  if (label.value.kind !== 'flag' && label.value.kind !== 'whole' && label.value.kind !== 'real') throw fail(`the label is neither a condition nor a number, in: ${label.value.source}`);
  if (label.value.streams && !label.value.streams.includes(from.definition.name)) throw fail(`the label uses fields of ${label.value.streams.join(', ')}, not of ${from.definition.name}`);
  for (const encoded of Object.keys(learner.encode)) if (!Object.hasOwn(options.features, encoded)) throw fail(`'${encoded}' is encoded but is no feature`);
  const result = typedModelSchema.safeParse({
    name,
    predicts: predicts.definition.name,
    features,
    label: { from: from.definition.name, judges: label.judges, value: label.value.source, horizonMs: milliseconds(label.horizon, at), absent: label.absent },
    learner,
    training: { windowMs: milliseconds(training.window, at), holdout: training.holdout, minimumLabels: training.minimumLabels, seed: training.seed },
    gates,
    rollout: { steps: rollout.steps, minimum: rollout.minimum, maximumWaitMs: milliseconds(rollout.maximumWait, at) },
    retrain: { when: retrain.when, newLabels: retrain.newLabels, cooldownMs: milliseconds(retrain.cooldown, at) },
  });
  if (!result.success) throw fail(firstIssue(result.error));
  return mark({ name }, { kind: 'model', definition: result.data, at, needs: [...needs] });
}

function kindOf({ definition }: Defined & { kind: 'stream' }, field: string | undefined): string | undefined {
  return definition.fields.find(({ name }) => name === field)?.kind;
}

import { aggregates, type AggregateKind } from '@millrace/features';
import { z } from 'zod';

import { reservedWords } from './compile-cel.ts';
import { limits } from './limits.ts';
import type { DefinitionSet, EntityDefinition, ModelDefinition, RowFeaturesDefinition, StreamDefinition, ViewDefinition } from './definition-set.ts';

const ofEveryObject = (name: string): boolean => !(name in Object.prototype);
const kebab = z.string().max(60).regex(/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/, 'a name has small letters, digits and single dashes').refine(ofEveryObject, 'this name belongs to every object');
const word = z.string().max(60).regex(/^[A-Za-z][A-Za-z0-9_]*$/, 'a name has letters and digits and begins with a letter').refine(ofEveryObject, 'this name belongs to every object');
/** A list whose items have names of their own. */
const named = <T extends z.ZodType<{ readonly name: string }>>(item: T, most: number) => z.array(item).min(1).max(most).refine((all) => new Set(all.map(({ name }) => name)).size === all.length, 'two of them have one name');
const celText = z.string().min(1).max(2000);
const durationMs = z.number().int().positive().max(limits.durationMs);
const metric = z.enum(['auc', 'logLoss', 'accuracy']);
const positive = z.number().int().positive();

const field = z
  .strictObject({
    name: word.refine((name) => !reservedWords.has(name), 'the name is a word that expressions keep for themselves'),
    kind: z.enum(['whole', 'real', 'text', 'instant', 'flag']),
    unit: z.string().max(40).optional(),
    min: z.number().optional(),
    max: z.number().optional(),
  })
  .refine(({ min, max }) => min === undefined || max === undefined || min <= max, 'min is above max');

export const streamSchema = z.strictObject({
  name: kebab,
  fields: z.array(field).min(1).max(500),
  id: word.optional(),
  eventTime: word,
  after: z.array(kebab).max(limits.streams),
}) satisfies z.ZodType<StreamDefinition>;

export const entitySchema = z.strictObject({ name: kebab, keys: z.record(kebab, celText).refine((keys) => Object.keys(keys).length <= limits.streams, `it has keys on more than ${limits.streams} streams`) }) satisfies z.ZodType<EntityDefinition>;

export const rowFeaturesSchema = z.strictObject({
  stream: kebab,
  features: named(z.strictObject({ name: word, value: celText }), limits.features),
}) satisfies z.ZodType<RowFeaturesDefinition>;

const kindsOfAggregates = Object.keys(aggregates) as AggregateKind[];

export const viewSchema = z.strictObject({
  name: kebab,
  from: kebab,
  entity: kebab,
  resolutionMs: durationMs,
  features: named(z.strictObject({ name: word, aggregate: z.enum(kindsOfAggregates), of: celText.optional(), window: z.enum(['over', 'before']), lengthMs: durationMs }), limits.features),
}) satisfies z.ZodType<ViewDefinition>;

const encoding = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('cyclic'), period: z.number().positive(), harmonics: positive.max(32) }),
  z.strictObject({ kind: z.literal('one-hot'), size: z.number().int().min(2).max(10_000) }),
]);

/** Columns that encodings make. */
function columnsOf(encode: Readonly<Record<string, z.infer<typeof encoding>>>): number {
  return Object.values(encode).reduce((sum, each) => sum + (each.kind === 'cyclic' ? 2 * each.harmonics : each.size), 0);
}

const steps = z
  .array(z.number().int().positive().max(100))
  .min(1)
  .refine((all) => all.at(-1) === 100 && all.every((step, i) => i === 0 || step > all[i - 1]!), 'steps grow and end with 100');

export const typedModelSchema = z.strictObject({
  name: kebab,
  predicts: kebab,
  features: named(z.strictObject({ name: word, feature: z.string().max(130).regex(/^[a-z0-9-]+\.[A-Za-z][A-Za-z0-9_]*$/) }), limits.features),
  label: z.strictObject({ from: kebab, judges: word, value: celText, horizonMs: durationMs, absent: z.literal('unknown') }),
  learner: z.strictObject({ kind: z.literal('logistic-regression'), C: z.number().positive(), encode: z.record(word, encoding).refine((encode) => columnsOf(encode) <= limits.encodedColumns, `its features become more than ${limits.encodedColumns} columns`) }),
  training: z.strictObject({
    windowMs: durationMs,
    holdout: z.number().gt(0).lt(1),
    minimumLabels: positive,
    seed: z.number().int().min(0).max(2 ** 32 - 1),
  }),
  gates: z
    .array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('at-least'), metric, limit: z.number() }),
        z.strictObject({ kind: z.literal('better-than-champion'), metric }),
        z.strictObject({ kind: z.literal('answers-in-runtime') }),
      ]),
    )
    .max(20),
  rollout: z.strictObject({ steps, minimum: positive, maximumWaitMs: durationMs }),
  retrain: z.strictObject({
    when: z.array(
      z.discriminatedUnion('kind', [
        z.strictObject({ kind: z.literal('labels'), count: positive }),
        z.strictObject({ kind: z.literal('worse'), metric, by: z.number().gt(0).lt(1), overMs: durationMs }),
        z.strictObject({ kind: z.literal('miscalibrated'), by: z.number().gt(0).lt(1), overMs: durationMs }),
      ]),
    ).max(20),
    newLabels: z.number().int().min(0),
    cooldownMs: z.number().int().min(0).max(limits.durationMs),
  }),
}) satisfies z.ZodType<Omit<ModelDefinition, 'featureSet'>>;

const modelSchema = typedModelSchema.extend({ featureSet: z.string().regex(/^[0-9a-f]{64}$/) }) satisfies z.ZodType<ModelDefinition>;

export const definitionSetSchema = z.strictObject({
  version: z.literal(1),
  timeZoneData: z.string().min(1).max(40),
  streams: z.array(streamSchema).max(limits.streams),
  entities: z.array(entitySchema).max(limits.streams),
  rowFeatures: z.array(rowFeaturesSchema).max(limits.streams),
  views: z.array(viewSchema).max(limits.streams),
  models: z.array(modelSchema).max(limits.models),
}) satisfies z.ZodType<DefinitionSet>;

/** The first thing that is wrong, with its place in the value. */
export function firstIssue(error: z.ZodError): string {
  const { path, message } = error.issues[0]!;
  const place = path.map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`)).join('').replace(/^\./, '');
  return place === '' ? message : `${place}: ${message.charAt(0).toLowerCase()}${message.slice(1)}`;
}

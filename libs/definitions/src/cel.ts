import { callSite } from './call-site.ts';
import { compileCel } from './compile-cel.ts';
import { definitionError } from './definition-error.ts';
import { isExpression, type Expression } from './expression.ts';
import type { FieldKind } from './field.ts';

/**
 * A CEL expression over fields of one stream (or of several that all have them). It is compiled at once.
 *
 * @throws MillraceError DEFINITION_INVALID with file, line and reason
 * @example cel`${arrivals.delay} > 15`
 */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- what it yields is known to CEL alone and checked where it is used
export function cel<S extends string = string>(parts: TemplateStringsArray, ...references: Expression<S>[]): Expression<S, any> {
  let source = parts[0]!;
  let streams: readonly string[] | undefined;
  const fields: Record<string, FieldKind> = {};
  for (const [i, reference] of references.entries()) {
    if (!isExpression(reference)) throw definitionError(callSite(cel), `\${${String(reference)}} is no field and no expression`, 'write numbers and texts as CEL literals');
    const { streams: valid } = reference;
    streams = valid === undefined ? streams : (streams ?? valid).filter((name) => valid.includes(name));
    if (streams?.length === 0) throw definitionError(callSite(cel), 'its fields belong to different streams');
    Object.assign(fields, reference.fields);
    source += (reference.source in reference.fields ? reference.source : `(${reference.source})`) + parts[i + 1]!;
  }
  source = source.trim();
  try {
    return Object.freeze({ source, kind: compileCel(source, fields).kind, streams, fields: Object.freeze(fields) });
  } catch (error) {
    throw definitionError(callSite(cel), `${(error as Error).message}, in: ${source}`);
  }
}

import { definitionError } from './definition-error.ts';
import { limits } from './limits.ts';

/**
 * Parses JSON after a look at its size and depth, which costs one pass over its characters: a parser and a schema take seconds for what is
 * large and wrong.
 *
 * @throws MillraceError DEFINITION_INVALID
 */
export function readJson(json: string): unknown {
  if (json.length > limits.jsonBytes) throw definitionError('definitions', `the JSON has ${json.length} characters, ${limits.jsonBytes} are allowed`);
  if (json.includes('__proto__')) throw definitionError('definitions', "a name is '__proto__'");
  let depth = 0;
  let tokens = 0;
  let quoted = false;
  for (let i = 0; i < json.length; i++) {
    const code = json.charCodeAt(i);
    if (quoted) {
      if (code === backslash) i++;
      else if (code === quote) quoted = false;
    } else if (code === quote) quoted = true;
    else if (code === comma || code === colon) tokens++;
    else if (code === openList || code === openObject) {
      tokens++;
      if (++depth > limits.jsonDepth) throw definitionError('definitions', `the JSON is nested deeper than ${limits.jsonDepth}`);
    } else if (code === closeList || code === closeObject) depth--;
    if (tokens > limits.jsonTokens) throw definitionError('definitions', `the JSON has more than ${limits.jsonTokens} values`);
  }
  try {
    return JSON.parse(json);
  } catch (error) {
    throw definitionError('definitions', `this is no JSON: ${(error as Error).message}`);
  }
}

const [quote, backslash, comma, colon, openList, closeList, openObject, closeObject] = [...'"\\,:[]{}'].map((character) => character.charCodeAt(0));

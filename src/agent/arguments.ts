/** Reads the arguments of a tool call: one whole JSON object, valid for the schema of the tool, or no call at all. */
import { isRecord, shorten, thrownWords } from '../base/json.ts';
import type { JsonSchema, ParsedArguments, Tool, ToolHandler } from './types.ts';

/** A problem is said to the model: at most so many characters. */
const MAX_PROBLEM = 500;

/** The object as it was written; null where it is none. An empty text is an empty object. */
export function objectIn(text: string): Record<string, unknown> | null {
  if (text.trim() === '') return {};
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : null;
  } catch {
    return null;
  }
}

/** Never rejects: a schema that fails itself is a problem, too. */
export async function checkArguments(
  handler: ToolHandler & Pick<Tool, 'parse'>,
  args: unknown,
): Promise<ParsedArguments> {
  if (!isRecord(args)) return { problem: 'the arguments are not one JSON object' };
  try {
    const parsed =
      handler.parse === undefined ? await check(handler, args) : await handler.parse(args);
    return 'problem' in parsed ? { problem: shorten(parsed.problem, MAX_PROBLEM) } : parsed;
  } catch (error) {
    const words = `the schema of the tool cannot be checked: ${thrownWords(error)}`;
    return { problem: shorten(words, MAX_PROBLEM) };
  }
}

async function check({ definition }: ToolHandler, args: unknown): Promise<ParsedArguments> {
  const schema: JsonSchema = definition.function.parameters ?? {};
  const problem = simpleProblem(args, schema, '');
  if (problem !== undefined) return problem === null ? { value: args } : { problem };
  const { problemWith } = await import('../base/json-schema-problem.ts');
  const found = problemWith(args, schema);
  if (found === null) return { value: args };
  return { problem: found.place === '' ? found.message : `${found.place}: ${found.message}` };
}

/** Keywords that say nothing about validity. */
const silent: ReadonlySet<string> = new Set([
  ...['title', 'description', 'default', 'examples', '$schema', '$comment', 'deprecated'],
]);
/** Those that are checked here: what nearly every tool has. A schema with any other is left to the validator, which takes 20 ms to load. */
const simple: ReadonlySet<string> = new Set([
  ...['type', 'properties', 'required', 'additionalProperties', 'enum', 'items'],
]);

/** null: valid; undefined: the schema has more than the usual keywords. */
function simpleProblem(value: unknown, schema: unknown, place: string): string | null | undefined {
  if (!isRecord(schema)) return undefined;
  if (Object.keys(schema).some((keyword) => !silent.has(keyword) && !simple.has(keyword)))
    return undefined;
  const at = place === '' ? '' : `${place}: `;
  const { type, properties, required, additionalProperties: more, items, enum: values } = schema;
  if (type !== undefined) {
    if (typeof type !== 'string' || !Object.hasOwn(types, type)) return undefined;
    if (types[type]?.(value) !== true) return `${at}expected ${type}`;
  }
  if (values !== undefined) {
    if (!Array.isArray(values) || values.some((one) => typeof one === 'object' && one !== null))
      return undefined;
    if (!values.includes(value)) return `${at}expected one of ${JSON.stringify(values)}`;
  }
  if (Array.isArray(value) && items !== undefined)
    return firstOf(value.map((item, index) => simpleProblem(item, items, join(place, index))));
  if (!isRecord(value)) return null;
  if (properties !== undefined && !isRecord(properties)) return undefined;
  if (required !== undefined && !Array.isArray(required)) return undefined;
  if (more !== undefined && typeof more !== 'boolean') return undefined;
  const missing = required?.find((name) => !Object.hasOwn(value, String(name)));
  const known = properties ?? {};
  const extra = Object.keys(value).find((name) => !Object.hasOwn(known, name));
  const inner = Object.entries(known)
    .filter(([name]) => Object.hasOwn(value, name))
    .map(([name, own]) => simpleProblem(value[name], own, join(place, name)));
  return firstOf([
    missing === undefined ? null : `${at}${String(missing)} is missing`,
    more === false && extra !== undefined ? `${at}${extra} is not known` : null,
    ...inner,
  ]);
}

/** What cannot be judged here decides nothing here. */
function firstOf(problems: readonly (string | null | undefined)[]): string | null | undefined {
  if (problems.includes(undefined)) return undefined;
  return problems.find((problem) => problem !== null) ?? null;
}

function join(place: string, step: string | number): string {
  return place === '' ? String(step) : `${place}.${step}`;
}

const types: Readonly<Record<string, (value: unknown) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

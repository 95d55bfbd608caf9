/**
 * A validator made from the JSON Schema of a user: drafts 4 to 7, 2019-09 and 2020-12. A file of its own: it is loaded only where
 * there is a schema. The engine generates no code. Where it would pass over something, the schema is rewritten, or refused here:
 * nothing counts as valid that was not checked. `format` is checked where JSON Schema defines it; other formats, and keywords that
 * the standard does not have, say nothing about validity there, and so neither here.
 */
import { type OutputUnit, type SchemaDraft, Validator } from '@cfworker/json-schema';
import { isRecord, shorten, withoutFullStop } from './json.ts';

export interface SchemaProblem {
  /** Dotted place in the value; '' for the value itself. */
  place: string;
  message: string;
}

/** A problem may quote a long list of values. */
const MAX_MESSAGE = 500;

/** The first problem, or null when the value is valid. Throws when the schema uses something that cannot be checked, or is not one. */
export function problemWith(
  value: unknown,
  schema: Readonly<Record<string, unknown>>,
): SchemaProblem | null {
  const draft = draftOf(schema);
  const used = new Set<string>();
  const checkable = rewritten(schema, { draft, used });
  // Of an `if` that fails, the engine counts properties as evaluated.
  if (used.has('if') && (used.has('unevaluatedProperties') || used.has('unevaluatedItems')))
    throw cannot('if beside unevaluatedProperties or unevaluatedItems');
  const { valid, errors } = new Validator(checkable, draft).validate(bare(value));
  return valid ? null : deepest(errors);
}

function cannot(what: string): Error {
  return new Error(`${what} cannot be checked`);
}

const drafts: readonly (readonly [RegExp, SchemaDraft])[] = [
  [/^https?:\/\/json-schema\.org\/draft-04\/schema#?$/, '4'],
  [/^https?:\/\/json-schema\.org\/draft-0[67]\/schema#?$/, '7'],
  [/^https?:\/\/json-schema\.org\/draft\/2019-09\/schema#?$/, '2019-09'],
  [/^https?:\/\/json-schema\.org\/draft\/2020-12\/schema#?$/, '2020-12'],
];

/** By `$schema`, else the newest. Throws where it is another dialect. */
function draftOf({ $schema }: Readonly<Record<string, unknown>>): SchemaDraft {
  if ($schema === undefined) return '2020-12';
  const found = drafts.find(([id]) => typeof $schema === 'string' && id.test($schema));
  if (found === undefined) throw cannot('$schema');
  return found[1];
}

/** Without prototypes: the engine takes an inherited `toString` for a property. */
function bare(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(bare);
  if (!isRecord(value)) return value;
  const copy: Record<string, unknown> = Object.create(null);
  for (const [name, one] of Object.entries(value)) copy[name] = bare(one);
  return copy;
}

type Kind = (value: unknown) => boolean;

const isCount: Kind = (value) => Number.isInteger(value) && Number(value) >= 0;
const isNumber: Kind = (value) => typeof value === 'number';
const isText: Kind = (value) => typeof value === 'string';
const isNames: Kind = (value) => Array.isArray(value) && value.every(isText);
const isSchema: Kind = (value) => typeof value === 'boolean' || isRecord(value);
const isSchemas: Kind = (value) =>
  Array.isArray(value) && value.length > 0 && value.every(isSchema);
const isSchemaMap: Kind = (value) => isRecord(value) && Object.values(value).every(isSchema);
/** Throws, too. */
const isPattern: Kind = (value) => isText(value) && new RegExp(String(value), 'u') !== null;
const typeNames: ReadonlySet<unknown> = new Set([
  ...['object', 'array', 'string', 'number', 'integer', 'boolean', 'null'],
]);
/** That the standard defines and the engine does not know. */
const unknownFormats: ReadonlySet<unknown> = new Set([
  ...['idn-email', 'idn-hostname', 'iri', 'iri-reference'],
]);
/** The engine takes remainders below a ten-millionth for none. */
const SMALLEST_STEP = 0.0001;

function all(names: readonly string[], kind: Kind): [string, Kind][] {
  return names.map((name) => [name, kind]);
}

/** What each keyword has to be, for the engine to check it and not to pass over it. */
const kinds: ReadonlyMap<string, Kind> = new Map<string, Kind>([
  [
    'type',
    (value) =>
      Array.isArray(value) ? value.every((one) => typeNames.has(one)) : typeNames.has(value),
  ],
  ['enum', Array.isArray],
  ...all(['properties', 'dependentSchemas', '$defs', 'definitions'], isSchemaMap),
  [
    'patternProperties',
    (value) => isRecord(value) && isSchemaMap(value) && Object.keys(value).every(isPattern),
  ],
  ['dependentRequired', (value) => isRecord(value) && Object.values(value).every(isNames)],
  [
    'dependencies',
    (value) =>
      isRecord(value) && Object.values(value).every((one) => isNames(one) || isSchema(one)),
  ],
  ['required', isNames],
  ...all(['allOf', 'anyOf', 'oneOf', 'prefixItems'], isSchemas),
  ['items', (value) => isSchema(value) || (Array.isArray(value) && value.every(isSchema))],
  ...all(['not', 'if', 'then', 'else', 'contains', 'propertyNames'], isSchema),
  ...all(['additionalProperties', 'unevaluatedProperties'], isSchema),
  ...all(['additionalItems', 'unevaluatedItems'], isSchema),
  ...all(['minProperties', 'maxProperties', 'minItems', 'maxItems'], isCount),
  ...all(['minContains', 'maxContains', 'minLength', 'maxLength'], isCount),
  ...all(['minimum', 'maximum'], isNumber),
  ['multipleOf', (value) => isNumber(value) && Number(value) >= SMALLEST_STEP],
  ['uniqueItems', (value) => typeof value === 'boolean'],
  ['pattern', isPattern],
  ['format', (value) => isText(value) && !unknownFormats.has(value)],
  ['$ref', isText],
  ...all(['$dynamicRef', '$recursiveRef'], () => false),
]);

const schemaMaps: ReadonlySet<string> = new Set([
  ...['properties', 'patternProperties', 'dependentSchemas', 'dependentRequired', 'dependencies'],
  ...['$defs', 'definitions'],
]);
/** What else the engine reads. All other keywords say nothing about validity, whatever is in them. */
const others: ReadonlySet<string> = new Set(['$schema', '$id', '$anchor']);

interface Reading {
  draft: SchemaDraft;
  /** Each keyword that was met. */
  used: Set<string>;
}

/** A copy that the engine checks as the standard has it. Throws where it cannot. */
function rewritten(
  schema: Readonly<Record<string, unknown>>,
  reading: Reading,
): Record<string, unknown> {
  const copy: Record<string, unknown> = {};
  for (const [keyword, value] of Object.entries(schema)) {
    const isLimit = keyword === 'exclusiveMinimum' || keyword === 'exclusiveMaximum';
    const isFit = isLimit ? limitOf(reading) : kinds.get(keyword);
    if (isFit?.(value) === false) throw cannot(keyword);
    const isOldId = keyword === 'id' && reading.draft === '4';
    if (isFit === undefined && !others.has(keyword) && !isOldId) continue;
    reading.used.add(keyword);
    if (keyword === 'enum') continue;
    copy[keyword] = schemaMaps.has(keyword)
      ? Object.fromEntries(
          Object.entries(value as object).map(([name, one]) => [name, below(one, reading)]),
        )
      : below(value, reading);
  }
  const more: Record<string, unknown>[] = [];
  if (Object.hasOwn(schema, 'const')) more.push(exactly(schema.const));
  if (Array.isArray(schema.enum)) more.push(oneOf(schema.enum));
  // Whole steps exactly: a number that is near one is none.
  if (Number.isInteger(schema.multipleOf))
    more.push({ anyOf: [{ type: 'integer' }, { not: { type: 'number' } }] });
  if (more.length > 0) copy.allOf = [...(Array.isArray(copy.allOf) ? copy.allOf : []), ...more];
  // The engine forgets that one is needed where there is a maximum.
  if (schema.contains !== undefined && schema.minContains === undefined) copy.minContains = 1;
  return copy;
}

function limitOf({ draft }: Reading): Kind {
  return draft === '4' ? (value) => typeof value === 'boolean' : isNumber;
}

function below(value: unknown, reading: Reading): unknown {
  if (Array.isArray(value)) return value.map((one) => below(one, reading));
  return isRecord(value) ? rewritten(value, reading) : value;
}

function oneOf(values: readonly unknown[]): Record<string, unknown> {
  const isPlain = values.every((one) => typeof one !== 'object' || one === null);
  return isPlain ? { enum: values } : { anyOf: values.map(exactly) };
}

/** As a schema of its parts: the engine takes `[]` and `{}` for equal. */
function exactly(value: unknown): Record<string, unknown> {
  if (Array.isArray(value)) {
    const size = { minItems: value.length, maxItems: value.length };
    return { type: 'array', ...size, ...(value.length > 0 && { prefixItems: value.map(exactly) }) };
  }
  if (!isRecord(value)) return { const: value };
  const names = Object.keys(value);
  const properties = Object.fromEntries(names.map((name) => [name, exactly(value[name])]));
  return { type: 'object', required: names, properties, additionalProperties: false };
}

/** The engine lists them from the outside to the inside; the innermost says most. */
function deepest(errors: readonly OutputUnit[]): SchemaProblem {
  const found = errors.map(({ instanceLocation, error }) => ({
    steps: instanceLocation.split('/').slice(1),
    words: error,
  }));
  const depth = Math.max(...found.map(({ steps }) => steps.length));
  const place = found.find(({ steps }) => steps.length === depth)?.steps ?? [];
  const here = found.filter(({ steps }) => steps.join('/') === place.join('/'));
  const said = new Set(here.map(({ words }) => words));
  return {
    place: place.map(stepIn).join('.'),
    message: shorten(withoutFullStop([...said].join(' ')), MAX_MESSAGE),
  };
}

function stepIn(step: string): string {
  return decodeURI(step).replaceAll('~1', '/').replaceAll('~0', '~');
}

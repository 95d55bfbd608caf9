/** Schemas of ours as the server package takes them: what checks, and the JSON Schema that is shown. Inputs are checked by us alone, so that a refusal is a result like any other. */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { type core, safeParse, toJSONSchema } from 'zod/mini';
import { CliError } from '../../base/errors.ts';
import { asObject } from '../../base/json.ts';
import { issueWords } from '../../config/issue-words.ts';
import type { ToolInput } from './tool.ts';

type Shown = StandardSchemaWithJSON<ToolInput>;

/** Shown as strict as it is; whatever comes is passed on, for `readInput`. */
export function shownInput(schema: core.$ZodType): Shown {
  return standard(schema, (value) => ({ value: asObject(value) ?? {} }));
}

/** Open at each level: a host that checks results must take those of tomorrow, too. */
export function shownOutput(schema: core.$ZodType): Shown {
  return standard(schema, (value) => {
    const read = safeParse(schema, value);
    if (read.success) return { value: asObject(read.data) ?? {} };
    return { issues: read.error.issues.map((issue) => ({ message: worded(issue, value) })) };
  });
}

/** `value`: what `inBounds` made of it. Throws `CliError` usage, which names each field that is wrong. */
export function readInput(schema: core.$ZodType, value: ToolInput): ToolInput {
  const read = safeParse(schema, value);
  if (read.success) return asObject(read.data) ?? {};
  const words = read.error.issues.map((issue) => worded(issue, value));
  throw new CliError('usage', words.join('; '), { code: 'bad_input', billed: 'no' });
}

function standard(schema: core.$ZodType, validate: Shown['~standard']['validate']): Shown {
  const jsonSchema = {
    input: () => shown(schema, 'input'),
    output: () => shown(schema, 'output'),
  };
  return { '~standard': { version: 1, vendor: 'alltoken', validate, jsonSchema } };
}

/**
 * Without what a model cannot use: a list of tools is in each of its requests, and each of its words is paid. Texts are checked
 * here all the same, and descriptions say their form. Of a result only the names of its fields are certain.
 */
function shown(schema: core.$ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...json } = toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
      for (const name of ['minLength', 'pattern'] as const) delete jsonSchema[name];
      if (io === 'output') delete jsonSchema.additionalProperties;
    },
  });
  if (io === 'input') return oneType(json);
  const { ok, trust_note: _note, ...others } = json.properties ?? {};
  const names = Object.keys(others).map((name) => [name, {}]);
  return { ...json, properties: { ok, ...Object.fromEntries(names) } };
}

/** A schema of ours with each list of types as alternatives: some hosts translate schemas to a dialect without such lists. */
function oneType(schema: object): Record<string, unknown> {
  const fields = Object.entries(schema).map(([name, value]: [string, unknown]) =>
    name === 'type' && Array.isArray(value)
      ? ['anyOf', value.map((type: unknown) => ({ type }))]
      : [name, within(value)],
  );
  return Object.fromEntries(fields);
}

function within(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(within);
  return typeof value === 'object' && value !== null ? oneType(value) : value;
}

function worded(issue: core.$ZodIssue, value: unknown): string {
  if (issue.code === 'unrecognized_keys') return `there is no field ${issue.keys.join(', ')}`;
  const found = issue.path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
  return `${issue.path.map(String).join('.')}: ${issueWords(issue, found)}`;
}

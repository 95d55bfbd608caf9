/** Makes a tool of a schema and a function. It runs nothing. */
import { isRecord } from '../base/json.ts';
import { usageError } from './failure.ts';
import { toolMs } from './options.ts';
import type {
  ArgumentsOf,
  JsonSchema,
  ParsedArguments,
  StandardResult,
  StandardSchema,
  Tool,
  ToolOptions,
} from './types.ts';

/** As every gateway takes it. */
const namePattern = /^[A-Za-z0-9_-]{1,64}$/;

/**
 * `input`: a JSON Schema, or any Standard Schema. Throws `AllTokenError` usage for a name that gateways refuse, and for a
 * schema of which no JSON Schema can be had.
 */
export function tool<const Schema extends StandardSchema | JsonSchema>(
  options: ToolOptions<Schema>,
): Tool {
  const { name, description, input, execute, needsApproval, timeoutMs, buys } = options;
  if (typeof name !== 'string' || !namePattern.test(name))
    throw usageError(
      `${JSON.stringify(String(name).slice(0, 80))} is not a name for a tool: letters, digits, _ and -, at most 64`,
      'bad_tool',
    );
  if (typeof execute !== 'function')
    throw usageError(`${name}: execute is no function`, 'bad_tool');
  const parameters = options.parameters ?? jsonSchemaOf(input, name);
  return {
    definition: {
      type: 'function',
      function: { name, description, parameters: { ...parameters } },
    },
    execute,
    ...(isStandard(input) && { parse: (args: unknown) => parse(input, args) }),
    ...(needsApproval !== undefined && {
      needsApproval:
        typeof needsApproval === 'function'
          ? (args: unknown) => needsApproval(args as ArgumentsOf<Schema>)
          : needsApproval,
    }),
    ...(timeoutMs !== undefined && { timeoutMs: toolMs('timeoutMs', timeoutMs) }),
    ...(buys !== undefined && { buys }),
  };
}

function isStandard(input: unknown): input is StandardSchema {
  // A schema of arktype is a function.
  const holder = typeof input === 'function' || isRecord(input) ? Object(input) : {};
  return isRecord(holder['~standard']) && typeof holder['~standard'].validate === 'function';
}

async function parse(schema: StandardSchema, args: unknown): Promise<ParsedArguments> {
  const result: StandardResult<unknown> = await schema['~standard'].validate(args);
  if (result.issues === undefined) return { value: result.value };
  const [issue] = result.issues;
  const place = (issue?.path ?? [])
    .map((step) => String(typeof step === 'object' ? step.key : step))
    .join('.');
  const words = issue?.message ?? 'invalid';
  return { problem: place === '' ? words : `${place}: ${words}` };
}

/** The ways in which libraries offer one, the standard way first. */
function jsonSchemaOf(input: unknown, name: string): JsonSchema {
  if (!isStandard(input)) {
    if (isRecord(input)) return input;
    throw usageError(`${name}: input is not a schema`, 'bad_tool');
  }
  const holder: Record<string, unknown> = Object(input);
  const standard: Record<string, unknown> = Object(holder['~standard']);
  const converter: Record<string, unknown> = Object(standard.jsonSchema);
  const ways = [
    () => call(converter, 'input', { target: 'draft-2020-12' }),
    () => call(converter, 'input', { target: 'draft-07' }),
    () => call(holder, 'toJSONSchema', { io: 'input' }),
    () => call(holder, 'toJsonSchema'),
  ];
  for (const way of ways) {
    const made = way();
    if (isRecord(made)) return made;
  }
  throw usageError(
    `${name}: ${String(standard.vendor)} offers no JSON Schema of input; give it as parameters`,
    'no_json_schema',
  );
}

/** undefined where there is no such function, or where it cannot convert the schema. */
function call(holder: Record<string, unknown>, method: string, ...args: unknown[]): unknown {
  const found = holder[method];
  if (typeof found !== 'function') return undefined;
  try {
    return found.apply(holder, args);
  } catch {
    return undefined;
  }
}

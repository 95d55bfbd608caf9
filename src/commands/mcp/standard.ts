/** A schema of ours as the server package takes one: what checks an input, and the JSON Schema that is shown. It says in words what is wrong with an input. */
import type { StandardSchemaWithJSON } from '@modelcontextprotocol/server';
import { type core, safeParse, toJSONSchema } from 'zod/mini';
import { issueWords } from '../../config/issue-words.ts';
import type { ToolInput } from './tool.ts';

export function standard(schema: core.$ZodType): StandardSchemaWithJSON<ToolInput> {
  return {
    '~standard': {
      version: 1,
      vendor: 'alltoken',
      validate: (value) => {
        const read = safeParse(schema, value);
        if (read.success) return { value: read.data as ToolInput };
        return { issues: read.error.issues.map((issue) => worded(issue, value)) };
      },
      jsonSchema: { input: () => shown(schema, 'input'), output: () => shown(schema, 'output') },
    },
  };
}

/** Without what every host knows by itself: a list of tools is read often, and each of its words is paid. */
function shown(schema: core.$ZodType, io: 'input' | 'output'): Record<string, unknown> {
  const { $schema: _dialect, ...json } = toJSONSchema(schema, {
    io,
    override: ({ jsonSchema }) => {
      if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
      if (jsonSchema.minimum === Number.MIN_SAFE_INTEGER) delete jsonSchema.minimum;
    },
  });
  return json;
}

function worded(issue: core.$ZodIssue, value: unknown): { message: string; path: PropertyKey[] } {
  const path = [...issue.path];
  if (issue.code === 'unrecognized_keys')
    return { path, message: `there is no field ${issue.keys.join(', ')}` };
  const found = path.reduce<unknown>(
    (at, key) => (typeof at === 'object' && at !== null ? Reflect.get(at, key) : undefined),
    value,
  );
  return { path, message: issueWords(issue, found) };
}

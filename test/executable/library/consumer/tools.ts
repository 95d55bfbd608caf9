/** A program of a strict user: what the compiler knows of tools, results and events. */
import {
  type AgentEvent,
  AllTokenError,
  builtInTools,
  createAgent,
  createAllTokenClient,
  type RunResult,
  type Stop,
  tool,
  type Tool,
  type ToolHandler,
} from 'alltoken-cli';
import { script, startSandbox } from 'alltoken-cli/testing';
import { type } from 'arktype';
import * as v from 'valibot';
import { toStandardJsonSchema } from '@valibot/to-json-schema';
import { z } from 'zod';

export const withZod: Tool = tool({
  name: 'zod_tool',
  description: 'takes what zod says',
  input: z.object({ city: z.string(), days: z.number().default(1) }),
  execute: ({ city, days }) => `${city.toUpperCase()} ${days.toFixed()}`,
});

export const withValibot: Tool = tool({
  name: 'valibot_tool',
  description: 'takes what valibot says',
  input: toStandardJsonSchema(v.object({ city: v.string(), days: v.optional(v.number(), 1) })),
  execute: ({ city, days }) => `${city.toUpperCase()} ${days.toFixed()}`,
});

export const withArktype: Tool = tool({
  name: 'arktype_tool',
  description: 'takes what arktype says',
  input: type({ city: 'string', days: 'number = 1' }),
  execute: ({ city, days }) => `${city.toUpperCase()} ${days.toFixed()}`,
});

export const withJsonSchema: Tool = tool({
  name: 'json_schema_tool',
  description: 'takes what a JSON Schema says',
  input: { type: 'object', properties: { city: { type: 'string' } }, required: ['city'] },
  execute: ({ city }, context) => ({ city, call: context?.callId }),
  needsApproval: ({ city }) => city === 'x',
  timeoutMs: 1000,
});

const handler: ToolHandler = {
  definition: { type: 'function', function: { name: 'plain' } },
  execute: ({ any }: { any?: string }) => any,
};

export async function program(): Promise<[Stop, string | null]> {
  const gateway = await script([{ text: 'Hi', cost: '0.0001' }, { tool: 'zod_tool', args: { city: 'Rome' } }]);
  const sandbox = await startSandbox({ faults: ['rate-limit:1'] });
  const agent = createAgent({
    gateway: 'sandbox',
    baseURL: gateway.baseURL,
    tools: [...builtInTools, withZod, handler],
    maxCost: '0.05',
    hooks: { beforeTool: () => {}, afterTool: async ({ result }) => ({ result }), beforeRequest: async () => {} },
    approve: async ({ name }) => name === 'zod_tool',
  });
  agent.on('stream:delta', (delta, accumulated) => accumulated.endsWith(delta));
  agent.once('tool:call', (name, args, callId) => [name.length, args, callId.length]);
  const events: AgentEvent[] = [];
  for await (const event of agent.stream('Hi')) {
    if (event.type === 'result') event.result.cost.amount satisfies string | null;
    events.push(event);
  }
  const { signal } = new AbortController();
  const result: RunResult = await agent.run([{ type: 'text', text: 'Go' }], { signal });
  await Promise.all([gateway.close(), sandbox.close()]);
  return [result.stop, result.cost.amount];
}

export function failure(error: unknown): string {
  return error instanceof AllTokenError ? `${error.exit} ${error.code} ${error.billed} ${error.hint}` : '';
}

export const client: unknown = createAllTokenClient;

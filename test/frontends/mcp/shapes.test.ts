import { AjvJsonSchemaValidator } from '@modelcontextprotocol/client/validators/ajv';
import { describe, expect, test } from 'vitest';
import { asObject } from '../../../src/base/json.ts';
import type { ToolName } from '../../../src/schemas/tools.ts';
import { call, dataOf, type Host, openHost } from '../../helpers/mcp.ts';

/** What a host checks results with, once it has seen the list. */
async function checkerOf({ client }: Host) {
  const { tools } = await client.listTools();
  const ajv = new AjvJsonSchemaValidator();
  return (name: string, data: unknown): string | undefined => {
    const schema = asObject(tools.find((tool) => tool.name === name)?.outputSchema);
    return schema === null ? 'no schema' : ajv.getValidator({ ...schema })(data).errorMessage;
  };
}

const model = 'nothing-9';
const failing: readonly (readonly [ToolName, Record<string, unknown>])[] = [
  ['alltoken_chat', { prompt: 'Hi', model }],
  ['alltoken_search', { query: 'Hi', model }],
  ['alltoken_image', { prompt: 'Hi', model }],
  ['alltoken_image_fetch', { task_id: 'igen_nothing' }],
  ['alltoken_video_submit', { prompt: 'Hi', model }],
  ['alltoken_video_status', { task_id: 'vgen_nothing' }],
  ['alltoken_video_fetch', { task_id: 'vgen_nothing' }],
  ['alltoken_models', { id: model }],
  ['alltoken_cost', { since: 'x' }],
];

describe('what a tool returns fits the schema that it is listed with', () => {
  test.each(failing)('%s, when it fails', async (name, input) => {
    const host = await openHost(['-g', 'sandbox']);
    const check = await checkerOf(host);
    const result = await call(host, name, input);
    expect(result.isError).toBe(true);
    expect(check(name, result.structuredContent)).toBeUndefined();
  });

  test.each(failing)('%s, when its input is refused', async (name) => {
    const host = await openHost(['-g', 'sandbox']);
    const check = await checkerOf(host);
    const result = await call(host, name, { wibble: 1 });
    expect(dataOf(result).error).toMatchObject({ name: 'usage', exit: 2, billed: 'no' });
    expect(check(name, result.structuredContent)).toBeUndefined();
  });

  test.each([
    ['alltoken_image', { wait_seconds: 0 }, 'alltoken_image_fetch'],
    ['alltoken_video_submit', {}, 'alltoken_video_fetch'],
  ])('%s and its fetch, while the job is running', async (name, input, fetch) => {
    const env = { ALLTOKEN_SANDBOX_FAULT: 'never-finish' };
    const host = await openHost(['-g', 'sandbox'], { env });
    const check = await checkerOf(host);
    const ordered = await call(host, name, { prompt: 'A boat', ...input });
    const { task_id } = dataOf(ordered);
    expect(task_id).toMatch(/^[iv]gen_/);
    expect(check(name, ordered.structuredContent)).toBeUndefined();
    const fetched = await call(host, fetch, { task_id, wait_seconds: 0 });
    expect(dataOf(fetched).error).toMatchObject({ name: 'still_running', task_id });
    expect(fetched.isError).toBeUndefined();
    expect(check(fetch, fetched.structuredContent)).toBeUndefined();
  });
});

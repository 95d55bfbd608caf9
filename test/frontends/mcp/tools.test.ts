import { describe, expect, test } from 'vitest';
import { type CommandNode, describeCommand } from '../../../src/cli/tree.ts';
import { tools } from '../../../src/frontends/mcp/tools.ts';
import { toolInputs, toolNames } from '../../../src/schemas/tools.ts';
import { declaringContext } from '../../helpers/declaring.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { openHost } from '../../helpers/mcp.ts';

/** The command with these words, as it is declared. */
function commandOf(words: readonly string[]): Promise<CommandNode> {
  const { deps } = fakeDeps();
  return describeCommand(words, declaringContext(deps));
}

describe('the tools', () => {
  test('are listed in one order, with titles, annotations and schemas, in less than 14 KB', async () => {
    const { client } = await openHost(['-g', 'sandbox']);
    const listed = (await client.listTools()).tools;
    expect(listed.map(({ name }) => name)).toEqual(toolNames);
    expect(JSON.stringify(listed).length).toBeLessThan(14_000);
    for (const { name, title, description, inputSchema, outputSchema, annotations } of listed) {
      expect(title).toMatch(/^[A-Z]/);
      expect(description).toMatch(/\.$/);
      expect(inputSchema).toMatchObject({ type: 'object', additionalProperties: false });
      expect(outputSchema).toMatchObject({ type: 'object', required: ['ok'] });
      expect(JSON.stringify(outputSchema)).not.toContain('additionalProperties');
      expect(JSON.stringify([inputSchema, outputSchema])).not.toContain('"type":[');
      const isPaid = tools.some((tool) => tool.paid && tool.name === name);
      expect(annotations).toMatchObject({ destructiveHint: false, openWorldHint: isPaid });
    }
    const readOnly = listed.filter(({ annotations }) => annotations?.readOnlyHint);
    expect(readOnly.map(({ name }) => name)).toEqual([
      'alltoken_video_status',
      'alltoken_jobs',
      'alltoken_models',
      'alltoken_cost',
    ]);
  });

  test.each([
    ['draw', 'alltoken_image'],
    ['picture', 'alltoken_image'],
    ['film', 'alltoken_video_submit'],
    ['create video', 'alltoken_video_submit'],
    ['ask gpt', 'alltoken_chat'],
    ['second opinion', 'alltoken_chat'],
    ['llm', 'alltoken_chat'],
    ['cheap model', 'alltoken_models'],
    ['price', 'alltoken_models'],
    ['spending', 'alltoken_cost'],
    ['look up news', 'alltoken_search'],
    ['lost id', 'alltoken_jobs'],
  ])('are found by the words that people use: %s', async (words, wanted) => {
    const { client } = await openHost(['-g', 'sandbox']);
    const listed = (await client.listTools()).tools;
    const found = listed
      .filter(({ description, _meta }) => {
        const text = `${description} ${_meta?.['anthropic/searchHint']}`.toLowerCase();
        return words.split(' ').every((word) => text.includes(word));
      })
      .map(({ name }) => name);
    expect(found).toContain(wanted);
  });

  test('say in their descriptions what a host needs that passes on no instructions', async () => {
    const { client } = await openHost(['-g', 'sandbox']);
    for (const { name, description = '' } of (await client.listTools()).tools) {
      const isPaid = tools.some((tool) => tool.paid && tool.name === name);
      expect(description.includes('stop and tell the user'), name).toBe(isPaid);
      expect(/Free\.|Buys nothing/.test(description), name).toBe(!isPaid);
    }
  });

  test('name each upper bound in the description of its field', async () => {
    const { client } = await openHost(['-g', 'sandbox']);
    for (const { name, inputSchema } of (await client.listTools()).tools)
      for (const [field, value] of Object.entries(inputSchema.properties ?? {})) {
        const { maximum, description } = value as { maximum?: number; description?: string };
        if (maximum !== undefined) expect(description, `${name} ${field}`).toContain(`${maximum}.`);
      }
  });

  test('come with short instructions, a name and the version', async () => {
    const { client } = await openHost(['-g', 'sandbox']);
    expect(client.getServerVersion()).toMatchObject({ name: 'alltoken', version: '0.0.0-test' });
    expect(client.getInstructions()).toContain('never order it again');
    expect(client.getInstructions()?.length).toBeLessThanOrEqual(1000);
    expect(client.getServerCapabilities()?.tools).toEqual({ listChanged: false });
  });

  test.each([
    [[], 45],
    [['--call-timeout', '5'], 0],
    [['--call-timeout', '600'], 595],
  ])('wait as long as a call has time for: %j', async (flags, maximum) => {
    const { client } = await openHost(['-g', 'sandbox', ...flags]);
    const { tools: listed } = await client.listTools();
    const fetch = listed.find(({ name }) => name === 'alltoken_video_fetch');
    expect(fetch?.inputSchema.properties?.wait_seconds).toMatchObject({ minimum: 0, maximum });
  });

  test.each(tools.map((tool) => [tool.name, tool] as const))(
    '%s: each field is an option of its command, or a word',
    async (name, tool) => {
      const command = await commandOf(tool.words);
      const known = command.options.map((option) => option.name);
      const given = [
        ...Object.values(tool.options),
        ...tool.fixed.map((word) => word.split('=')[0] ?? ''),
        ...(tool.waits ? ['--wait'] : []),
        ...(tool.paid ? ['--max-cost'] : []),
      ];
      expect(given.filter((word) => !known.includes(word))).toEqual([]);
      const ours = ['inline', 'max_cost', 'wait_seconds'];
      const mapped = [...Object.keys(tool.options), ...tool.positional, ...ours];
      const fields = Object.keys(toolInputs(45)[name].shape);
      expect(fields.filter((field) => !mapped.includes(field))).toEqual([]);
    },
  );

  test('stand in the help, and their inputs in the schema', async () => {
    const { notes = '' } = await commandOf(['mcp']);
    expect(toolNames.filter((name) => !notes.includes(name))).toEqual([]);
    const world = fakeDeps();
    expect(await world.run('schema', 'mcp')).toBe(0);
    expect(Object.keys(world.json().properties as object)).toEqual([...toolNames]);
  });
});

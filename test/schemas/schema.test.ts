import { describe, expect, test } from 'vitest';
import { fromJSONSchema } from 'zod';
import { answerWell, ask, envelope, events, inTurn, type Reply, stream } from '../helpers/ask.ts';
import { type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';
import { chunk, goodStream } from '../helpers/server.ts';

/** What a stranger has: the printed schema, and nothing of our code. */
async function printedSchema(...argv: string[]): Promise<ReturnType<typeof fromJSONSchema>> {
  const world = fakeDeps();
  expect(await world.run('schema', ...argv)).toBe(0);
  return fromJSONSchema(world.json() as Parameters<typeof fromJSONSchema>[0]);
}

const thinking = stream(
  chunk({ role: 'assistant', reasoning_content: 'Hm.' }),
  chunk({ content: 'Yes' }),
  chunk({ tool_calls: [{ index: 0, id: 'c1', function: { name: 'f', arguments: '{"a":1}' } }] }),
  chunk({}, 'tool_calls'),
  'data: [DONE]\n\n',
);
const situations: [string, Reply, string[]][] = [
  ['a good answer', answerWell, ['Hi']],
  ['reasoning and a tool call', thinking, ['Hi']],
  [
    'an answer that tells nothing of itself',
    stream('data: {"choices":[{"delta":{"content":"x"},"finish_reason":"stop"}]}\n\n'),
    ['Hi'],
  ],
  [
    'usage with fields of its own',
    stream(goodStream().replace('"total_tokens":31', '"total_tokens":31,"x":{"y":[1]}')),
    ['Hi'],
  ],
  [
    'a retry and a fallback',
    inTurn(envelope(404, 'model_not_found'), envelope(429, 'rate_limited'), answerWell),
    ['--fallback', 'gpt-5.4', 'Hi'],
  ],
  ['a warning', stream(goodStream().replace('"stop"', '"length"')), ['Hi']],
  ['a refused key', envelope(401, 'invalid_api_key'), ['Hi']],
  ['a cut stream', stream(chunk({ content: 'Once' })), ['Hi']],
  ['no prompt', answerWell, []],
  ['a dry run', answerWell, ['--dry-run', 'Hi']],
  ['a conversation', answerWell, ['--session', 'work', 'Hi']],
];

describe('alltoken schema', () => {
  test.each(situations)('chat describes --json of %s', async (_what, reply, argv) => {
    const schema = await printedSchema('chat');
    const { world } = await ask(reply, ['--json', ...argv]);
    const parsed = schema.safeParse(world.json());
    expect(parsed.success, world.out()).toBe(true);
  });

  test.each(situations)('chat --jsonl describes each line of %s', async (_what, reply, argv) => {
    const schema = await printedSchema('chat', '--jsonl');
    const { code, world } = await ask(reply, ['--jsonl', ...argv]);
    for (const event of events(world))
      expect(schema.safeParse(event).success, JSON.stringify(event)).toBe(true);
    expect(events(world).at(-1)).toMatchObject({
      type: code === 0 ? 'result' : 'error',
      exit: code,
    });
  });

  test('chat refuses what chat never prints', async () => {
    const schema = await printedSchema('chat');
    const { world } = await ask(answerWell, ['--json', 'Hi']);
    const document = world.json();
    expect(schema.safeParse({ ...document, cost: { amount: 0.1 } }).success).toBe(false);
    expect(schema.safeParse({ ...document, text: null }).success).toBe(false);
    expect(
      schema.safeParse({ ...document, cost: { ...(document.cost as object), amount: '$1' } })
        .success,
    ).toBe(false);
  });

  test('chat lets fields be added: a reader of today must not refuse the output of tomorrow', async () => {
    const { world } = await ask(answerWell, ['--json', 'Hi']);
    const schema = await printedSchema('chat');
    expect(schema.safeParse({ ...world.json(), added_later: 1 }).success).toBe(true);
  });

  test('config describes the config file', async () => {
    const schema = await printedSchema('config');
    const good = {
      gateway: 'alltoken',
      defaults: { chat: { model: 'gpt-5.4' } },
      aliases: { fast: 'gpt-5.4-nano' },
    };
    expect(schema.safeParse(good).success).toBe(true);
    expect(schema.safeParse({ ...good, gatway: 'x' }).success).toBe(false);
  });

  test('error describes the failure of a helper command', async () => {
    const schema = await printedSchema('error');
    const world = fakeDeps();
    expect(await world.run('config', 'get', 'gateway', '--json')).toBe(2);
    expect(schema.safeParse(world.json()).success, world.out()).toBe(true);
  });

  const mistakes: [string[], RegExp][] = [
    [['chta'], /chta/],
    [['config', '--jsonl'], /config prints no --jsonl/],
    [['error', '--jsonl'], /error prints no --jsonl/],
    [['__proto__'], /no schema named/],
    [[], /<name> is missing/],
  ];
  test.each(mistakes)('%j is a usage error', async (argv, message) => {
    const world: FakeWorld = fakeDeps();
    expect(await world.run('schema', ...argv)).toBe(2);
    expect(world.out()).toBe('');
    expect(world.err().split('\n')[0]).toMatch(message);
  });
});

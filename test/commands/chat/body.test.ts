import { describe, expect, test } from 'vitest';
import { type Asked, answerWell, ask, stream } from '../../helpers/ask.ts';
import { goodStream } from '../../helpers/server.ts';

/** The body that the server got for these words. */
async function bodyOf(...argv: string[]): Promise<Record<string, unknown>> {
  const asked = await ask(answerWell, argv);
  expect(asked.code, asked.world.err()).toBe(0);
  return firstBody(asked);
}

function firstBody({ server }: Asked): Record<string, unknown> {
  expect(server.requests).toHaveLength(1);
  return server.requests[0]?.json ?? {};
}

describe('the request of chat', () => {
  test('holds nothing that nobody asked for', async () => {
    expect(await bodyOf('Hi')).toEqual({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
    });
  });

  const flags: [argv: string[], fields: object, home?: Record<string, string>][] = [
    [
      ['-s', '@s.txt'],
      {
        messages: [
          { role: 'system', content: 'Be brief' },
          { role: 'user', content: 'Hi' },
        ],
      },
      { 's.txt': 'Be brief' },
    ],
    [['--temperature', '0'], { temperature: 0 }],
    [['--temperature', '2'], { temperature: 2 }],
    [['--temperature', '0.7'], { temperature: 0.7 }],
    [['--top-p', '0.1'], { top_p: 0.1 }],
    [['--max-tokens', '1'], { max_tokens: 1 }],
    [['--stop', 'END'], { stop: ['END'] }],
    [['--stop', 'a', '--stop', 'b c'], { stop: ['a', 'b c'] }],
    [['--seed', '-7'], { seed: -7 }],
    [['--seed=0'], { seed: 0 }],
    [['--thinking'], { thinking: true }],
    [['--thinking', '2048'], { thinking: true, thinking_budget: 2048 }],
    [['--thinking=2048'], { thinking: true, thinking_budget: 2048 }],
    [['--json-object'], { response_format: { type: 'json_object' } }],
    [['--param', 'top_k=3'], { top_k: 3 }],
    [['--param', 'user="me"', '--param', 'tools=[]'], { user: 'me', tools: [] }],
    [['--param', 'logit_bias={"1":-1}'], { logit_bias: { '1': -1 } }],
    [['--param', 'note="a=b"'], { note: 'a=b' }],
    [['--param', 'nothing=null'], {}],
    [['--param', 'deep={"a":null}'], { deep: { a: null } }],
    [['-m', 'qwen3.6-flash', '--search'], { model: 'qwen3.6-flash', enable_search: true }],
  ];
  test.each(flags)('%j', async (argv, fields, home = {}) => {
    const asked = await ask(answerWell, [...argv, 'Hi'], { home });
    expect(asked.code, asked.world.err()).toBe(0);
    expect(firstBody(asked)).toEqual({
      model: 'gpt-5.4-mini',
      messages: [{ role: 'user', content: 'Hi' }],
      stream: true,
      stream_options: { include_usage: true },
      ...fields,
    });
  });

  test('--thinking takes no word of the prompt for its budget', async () => {
    const body = await bodyOf('--thinking', 'why', 'is', 'the', 'sky', 'blue?');
    expect(body).toMatchObject({
      thinking: true,
      messages: [{ content: 'why is the sky blue?' }],
    });
    expect(body).not.toHaveProperty('thinking_budget');
  });

  test('--thinking may be the last word, and stand before another flag', async () => {
    expect(await bodyOf('Hi', '--thinking')).toMatchObject({ thinking: true });
    expect(await bodyOf('--thinking', '--seed', '1', 'Hi')).toMatchObject({
      thinking: true,
      seed: 1,
    });
  });

  test('words after -- are prompt, whatever they look like', async () => {
    const { messages } = await bodyOf('--', '--thinking', '--json');
    expect(messages).toEqual([{ role: 'user', content: '--thinking --json' }]);
  });

  test('the system text comes first', async () => {
    expect((await bodyOf('-s', 'Be brief', 'Hi')).messages).toEqual([
      { role: 'system', content: 'Be brief' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  test('the defaults of the config count, and flags outrank them', async () => {
    const chat = { model: 'gpt-5.4', system: 'Be kind', temperature: 0.3, max_tokens: 9 };
    const config = { defaults: { chat }, aliases: { fast: 'gpt-5.4-nano' } };
    const configured = (...argv: string[]) =>
      ask(answerWell, argv, { home: { 'config.json': config } });
    expect(firstBody(await configured('Hi'))).toMatchObject({
      model: 'gpt-5.4',
      temperature: 0.3,
      max_tokens: 9,
      messages: [{ role: 'system', content: 'Be kind' }, { role: 'user' }],
    });
    const argv = ['-m', 'fast', '-s', 'Be brief', '--temperature', '1', '--max-tokens', '2', 'Hi'];
    expect(firstBody(await configured(...argv))).toMatchObject({
      model: 'gpt-5.4-nano',
      temperature: 1,
      max_tokens: 2,
      messages: [{ content: 'Be brief' }, { role: 'user' }],
    });
  });

  test('is sent as JSON, with the name of the program, and no compression asked for', async () => {
    const { server } = await ask(answerWell);
    expect(server.requests[0]?.method).toBe('POST');
    expect(server.requests[0]?.path).toBe('/v1/chat/completions');
    expect(server.requests[0]?.headers).toMatchObject({
      'content-type': 'application/json',
      accept: expect.stringContaining('text/event-stream'),
      'accept-encoding': 'identity',
      'user-agent': 'alltoken-cli/0.0.0-test',
    });
  });
});

describe('--schema', () => {
  test('after an empty --system is the whole of the instructions', async () => {
    const home = { 's.json': {} };
    const contentOf = async (...argv: string[]) => {
      const asked = await ask(stream(goodStream('{}')), ['--schema', 's.json', ...argv, 'Hi'], {
        home,
      });
      return firstBody(asked).messages;
    };
    expect(await contentOf('-s', '')).toEqual(await contentOf());
  });

  const schema = { type: 'object', properties: { n: { type: 'number' } }, required: ['n'] };
  const withSchema = (text: string, ...argv: string[]) =>
    ask(stream(goodStream(text)), ['--schema', 's.json', 'Give n', ...argv], {
      home: { 's.json': schema },
    });

  test('goes into the instructions where the gateway only knows json_object', async () => {
    const body = firstBody(await withSchema('{"n":1}', '-s', 'Be brief'));
    expect(body.response_format).toEqual({ type: 'json_object' });
    const [system] = body.messages as { role: string; content: string }[];
    expect(system?.role).toBe('system');
    expect(system?.content).toMatch(/^Be brief\n\n/);
    expect(system?.content).toContain(JSON.stringify(schema));
  });

  test('an answer that matches is taken without a word', async () => {
    const { code, world } = await withSchema('{"n":1}', '--json');
    expect(code).toBe(0);
    expect(world.json().warnings).toEqual([]);
  });

  test.each([
    ['{"n":"one"}', /does not match the schema at n/],
    ['{}', /does not match the schema/],
    ['Sure! {"n":1}', /not JSON/],
  ])('%s is answered with a warning, and with --strict with 40', async (text, warning) => {
    const lenient = await withSchema(text, '--json');
    expect(lenient.code).toBe(0);
    expect(lenient.world.json().warnings).toEqual([expect.stringMatching(warning)]);
    const strict = await withSchema(text, '--strict');
    expect(strict.code).toBe(40);
    expect(strict.world.err()).toMatch(warning);
  });
});

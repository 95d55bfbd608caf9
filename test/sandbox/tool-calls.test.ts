import { describe, expect, test } from 'vitest';
import { type Client, type Json, startClient } from './client.ts';

function tool(name: string): Json {
  const parameters = { type: 'object', properties: { x: { type: 'number' } }, required: ['x'] };
  return { type: 'function', function: { name, parameters } };
}

const tools = [tool('add'), tool('now')];
const user = (content: string): Json => ({ role: 'user', content });

interface Call {
  id: string;
  type: string;
  function: { name: string; arguments: string };
}

interface Answered {
  content: string | null;
  calls: Call[];
  finish: string;
}

async function ask(client: Client, fields: Json): Promise<Answered> {
  const { status, json } = await client.post('/chat/completions', {
    model: 'gpt-5.4-mini',
    tools,
    ...fields,
  });
  expect(status, JSON.stringify(json)).toBe(200);
  const [choice] = json.choices as {
    message: { content: string | null; tool_calls?: Call[] };
    finish_reason: string;
  }[];
  return {
    content: choice?.message.content ?? null,
    calls: choice?.message.tool_calls ?? [],
    finish: choice?.finish_reason ?? '',
  };
}

/** Names and arguments only. */
function said({ calls }: Answered): [string, string][] {
  return calls.map((call) => [call.function.name, call.function.arguments]);
}

async function calledFor(content: string, fields: Json = {}): Promise<[string, string][]> {
  return said(await ask(await startClient(), { messages: [user(content)], ...fields }));
}

describe('a line of the newest message of the user calls a tool', () => {
  test('with the arguments that it has', async () => {
    const answer = await ask(await startClient(), {
      messages: [user('Please add.\ntool: add {"x": 1}\nThanks.')],
    });
    expect(answer).toEqual({
      content: null,
      calls: [
        {
          id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
          type: 'function',
          function: { name: 'add', arguments: '{"x": 1}' },
        },
      ],
      finish: 'tool_calls',
    });
  });

  test('several lines are parallel calls, in their order, each with its own id', async () => {
    const messages = [user('tool: now {}\r\n  tool: add {"x":1}  \ntool: add {"x":2}')];
    const answer = await ask(await startClient(), { messages });
    expect(said(answer)).toEqual([
      ['now', '{}'],
      ['add', '{"x":1}'],
      ['add', '{"x":2}'],
    ]);
    expect(new Set(answer.calls.map(({ id }) => id)).size).toBe(3);
  });

  test('nothing after the name is no arguments', async () => {
    expect(await calledFor('tool: now')).toEqual([['now', '{}']]);
  });

  test.each(['{"x": 1', 'not JSON', '[1]', '{"x":"a"} and more'])(
    'what follows the name is sent as it stands: %s',
    async (text) => {
      expect(await calledFor(`tool: add ${text}`)).toEqual([['add', text]]);
    },
  );

  test('only if the request offers it', async () => {
    expect(await calledFor('tool: drop {}\ntool: add {"x":1}')).toEqual([['add', '{"x":1}']]);
  });

  test('a tool that no request offers is said, and not called', async () => {
    const client = await startClient();
    const answer = await ask(client, { messages: [user('tool: drop {}')] });
    expect(answer).toMatchObject({ calls: [], finish: 'stop' });
    expect(answer.content).toContain(' This request offers no tool "drop".');
    const without = await ask(client, { messages: [user('tool: add {}')], tools: undefined });
    expect(without.content).toContain(' This request offers no tool "add".');
  });

  test.each(['The tool: add {"x":1}', 'Tool: add {"x":1}', 'tool:', 'toolbox: add {}'])(
    'not where other text stands there: %s',
    async (content) => {
      expect(await calledFor(content)).toEqual([]);
    },
  );

  test('not a line of an older message', async () => {
    const messages = [user('tool: add {}'), { role: 'assistant', content: 'No.' }, user('Why?')];
    const answer = await ask(await startClient(), { messages });
    expect(answer.calls).toEqual([]);
    expect(answer.content).toContain('Your last message: "Why?".');
  });

  test('at most 128 of them', async () => {
    expect(await calledFor('tool: now {}\n'.repeat(200))).toHaveLength(128);
  });
});

describe('tool_choice', () => {
  const specific = { type: 'function', function: { name: 'now' } };
  const both = 'tool: add {"x":1}\ntool: now {"x":2}';

  test.each([
    ['none', 'none', both, []],
    ['auto', 'auto', both, ['add', 'now']],
    ['required, with lines', 'required', both, ['add', 'now']],
    ['required, without', 'required', 'Hi', ['add']],
    ['of one tool, with lines', specific, both, ['now']],
    ['of one tool, without', specific, 'tool: add {}', ['now']],
  ])('%s', async (_which, tool_choice, content, names) => {
    const called = await calledFor(content, { tool_choice });
    expect(called.map(([name]) => name)).toEqual(names);
  });

  test('a call that no line describes has a placeholder of the right shape', async () => {
    expect(await calledFor('Hi', { tool_choice: specific })).toEqual([['now', '{"x":0}']]);
  });
});

describe('a conversation that ends with results', () => {
  const call = (id: string, name: string): Json => ({
    id,
    type: 'function',
    function: { name, arguments: '{}' },
  });
  const result = (id: string, content: string): Json => ({
    role: 'tool',
    tool_call_id: id,
    content,
  });
  const messages = [
    user('tool: add {}\ntool: now {}'),
    { role: 'assistant', content: null, tool_calls: [call('a', 'add'), call('b', 'now')] },
    result('b', '{"time":"12:00"}'),
    result('a', 'three\nlines\nof text'),
  ];
  const introduction =
    'This is the alltoken sandbox. No model is behind it, and its prices are made up. ' +
    'You asked for gpt-5.4-mini.';

  test('is answered with what they hold, and calls nothing again', async () => {
    const { calls, content, finish } = await ask(await startClient(), { messages });
    expect({ calls, finish }).toEqual({ calls: [], finish: 'stop' });
    expect(content).toBe(
      `${introduction} Its tools returned:\nnow: {"time":"12:00"}\nadd: three\nlines\nof text`,
    );
  });

  test('has them in a JSON object too', async () => {
    const response_format = { type: 'json_object' };
    const { content } = await ask(await startClient(), { messages, response_format });
    expect(JSON.parse(content ?? '')).toMatchObject({
      note: expect.stringContaining('now: {"time":"12:00"}\nadd: three'),
    });
  });

  test('has at most 20,000 characters of each', async () => {
    const long = [...messages.slice(0, 3), result('a', 'x'.repeat(30_000))];
    const { content } = await ask(await startClient(), { messages: long });
    expect(content).toMatch(/\nadd: x{19999}…$/);
  });

  test('goes on with a later message of the user', async () => {
    const more = [...messages, user('And?\ntool: add {"x":5}')];
    expect(said(await ask(await startClient(), { messages: more }))).toEqual([['add', '{"x":5}']]);
  });

  test('calls again where that is required', async () => {
    const answer = await ask(await startClient(), { messages, tool_choice: 'required' });
    expect(said(answer)).toEqual([['add', '{"x":0}']]);
  });
});

describe('each call has one result, right after the message that has the call', () => {
  const call = (id: string): Json => ({ id, type: 'function', function: { name: 'now' } });
  const calling = (...ids: string[]): Json => ({
    role: 'assistant',
    content: null,
    tool_calls: ids.map(call),
  });
  const result = (id: string): Json => ({ role: 'tool', tool_call_id: id, content: 'x' });

  test.each<[string, Json[], string]>([
    ['no result', [calling('a')], 'messages[1].tool_calls'],
    ['one of two', [calling('a', 'b'), result('b')], 'messages[1].tool_calls'],
    ['none before the next message', [calling('a'), user('Hi')], 'messages[1].tool_calls'],
    ['two of one', [calling('a'), result('a'), result('a')], 'messages[3].tool_call_id'],
    ['one of no call', [result('a')], 'messages[1].tool_call_id'],
    [
      'one too late',
      [calling('a'), result('a'), user('Hi'), result('a')],
      'messages[4].tool_call_id',
    ],
    ['an id twice', [calling('a', 'a'), result('a')], 'messages[1].tool_calls'],
  ])('%s is refused', async (_what, more, param) => {
    const client = await startClient();
    const body = { model: 'gpt-5.4-mini', messages: [user('Hi'), ...more] };
    const { status, json } = await client.post('/chat/completions', body);
    expect({ status, error: json.error }).toMatchObject({
      status: 400,
      error: { code: 'invalid_request', param },
    });
  });

  test('in any order, and in several rounds', async () => {
    const more = [calling('a', 'b'), result('b'), result('a'), calling('a'), result('a')];
    const client = await startClient();
    const body = { model: 'gpt-5.4-mini', messages: [user('Hi'), ...more] };
    expect(await client.post('/chat/completions', body)).toMatchObject({ status: 200 });
  });
});

describe('limits and faults', () => {
  test('max_tokens cuts the arguments that reach it, and no call follows', async () => {
    const messages = [user('tool: add {"x":1}\ntool: add {"x":22222222}\ntool: now {}')];
    const answer = await ask(await startClient(), { messages, max_tokens: 4 });
    expect(said(answer)).toEqual([
      ['add', '{"x":1}'],
      ['add', '{"x":222'],
    ]);
    expect(answer.finish).toBe('length');
  });

  test('a fault that cuts calls cuts those that were wanted', async () => {
    const client = await startClient({ faults: ['cut-tool-call:1'] });
    const answer = await ask(client, { messages: [user('tool: add {"x":1}')] });
    expect(said(answer)).toEqual([['add', '{"x']]);
    expect(answer.finish).toBe('length');
  });
});

describe('the stream of calls', () => {
  async function stream(content: string): Promise<string> {
    const { baseUrl } = await startClient();
    const reply = await fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      body: JSON.stringify({
        model: 'gpt-5.4-mini',
        messages: [user(content)],
        tools,
        stream: true,
        stream_options: { include_usage: true },
      }),
    });
    return reply.text();
  }

  test('has id and name once, fragments of the arguments by index, usage and the cost', async () => {
    const text = await stream('tool: add {"x":1234567}\ntool: now');
    const [data, comment] = text.split('data: [DONE]\n\n');
    const chunks = [...(data ?? '').matchAll(/^data: (.*)$/gm)].map(
      ([, json]) => JSON.parse(json ?? '') as { choices: { delta: Json }[]; usage?: Json },
    );
    expect(chunks.map(({ choices }) => choices[0]?.delta)).toEqual([
      { role: 'assistant', content: null, tool_calls: [opening(0, 'add')] },
      { tool_calls: [{ index: 0, function: { arguments: '{"x":1234567' } }] },
      { tool_calls: [{ index: 0, function: { arguments: '}' } }] },
      { tool_calls: [opening(1, 'now')] },
      { tool_calls: [{ index: 1, function: { arguments: '{}' } }] },
      {},
      undefined,
    ]);
    expect(data).toContain('"finish_reason":"tool_calls"');
    expect(chunks.at(-1)?.usage).toMatchObject({ prompt_tokens: 9, completion_tokens: 5 });
    expect(comment).toMatch(/^: \{"cost":"0\.\d{10}",.*"prompt_tokens":9,"completion_tokens":5\}/);
  });

  function opening(index: number, name: string): Json {
    return {
      index,
      id: expect.stringMatching(/^call_[0-9a-f]{24}$/),
      type: 'function',
      function: { name, arguments: '' },
    };
  }
});

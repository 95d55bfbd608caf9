/** What servers really send in a stream: each row was seen in public, and is one of its kind. */
import { describe, expect, test } from 'vitest';
import { ask, stream, whole } from '../../helpers/ask.ts';
import { chunk } from '../../helpers/server.ts';

const done = 'data: [DONE]\n\n';

function data(json: unknown): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

function tools(...pieces: object[]): string {
  return chunk({ tool_calls: pieces });
}

function choice(fields: object): string {
  return data({ choices: [fields] });
}

async function jsonOf(
  ...parts: string[]
): Promise<{ code: number; json: Record<string, unknown> }> {
  const { code, world } = await ask(stream(...parts), ['--json', 'Hi']);
  return { code, json: world.json() };
}

async function callsOf(...parts: string[]): Promise<unknown> {
  const { code, json } = await jsonOf(...parts);
  const calls = json.tool_calls as { id: string | null; function: object }[];
  return [code, ...calls.map(({ id, function: called }) => [id, ...Object.values(called)])];
}

const ends = [chunk({}, 'tool_calls'), done];

describe('tool calls in pieces', () => {
  test.each<[string, string[], unknown[]]>([
    [
      'W1: without index and id',
      [
        tools({ id: 'a', type: 'function', function: { name: 'sq', arguments: '' } }),
        tools({ function: { arguments: '{"x":' } }),
        tools({ function: { arguments: '2}' } }),
      ],
      [['a', 'sq', '{"x":2}']],
    ],
    [
      'W1: the second of two, without index and id',
      [
        tools({ id: 'a', function: { name: 'f', arguments: '{}' } }),
        tools({ id: 'b', function: { name: 'g', arguments: '' } }),
        tools({ id: '', function: { name: null, arguments: '{"x":' } }),
        tools({ id: null, function: { arguments: '2}' } }),
      ],
      [
        ['a', 'f', '{}'],
        ['b', 'g', '{"x":2}'],
      ],
    ],
    [
      'W2: under another index, without id',
      [
        tools({ index: 0, id: 'a', function: { name: 'f', arguments: '' } }),
        tools({ index: 1, function: { arguments: '{"x":' } }),
        tools({ index: 2, function: { arguments: '2}' } }),
      ],
      [['a', 'f', '{"x":2}']],
    ],
    [
      'W3: two with one index, each whole',
      [
        tools({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":1}' } }),
        tools({ index: 0, id: 'b', function: { name: 'f', arguments: '{"x":2}' } }),
      ],
      [
        ['a', 'f', '{"x":1}'],
        ['b', 'f', '{"x":2}'],
      ],
    ],
    [
      'W3: two with one index in one chunk, without ids',
      [
        tools(
          { index: 0, function: { name: 'f', arguments: '{"x":1}' } },
          { index: 0, function: { name: 'g', arguments: '{"x":2}' } },
        ),
      ],
      [
        [null, 'f', '{"x":1}'],
        [null, 'g', '{"x":2}'],
      ],
    ],
    [
      'an id that changes with each piece',
      [
        tools({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        tools({ index: 0, id: 'b', function: { arguments: ':1}' } }),
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'an id that comes late',
      [
        tools({ index: 0, function: { name: 'f', arguments: '{"x"' } }),
        tools({ index: 0, id: 'b', function: { arguments: ':1}' } }),
      ],
      [['b', 'f', '{"x":1}']],
    ],
    [
      'the name with every piece, and an index that is text',
      [
        tools({ index: '0', id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        tools({ index: '0', function: { name: 'f', arguments: ':"}{"}' } }),
      ],
      [['a', 'f', '{"x":"}{"}']],
    ],
    [
      'all arguments once more at the end',
      [
        tools({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x"' } }),
        tools({ index: 0, function: { arguments: ':1}' } }),
        tools({ index: 0, function: { arguments: '{"x":1}' } }),
      ],
      [['a', 'f', '{"x":1}']],
    ],
    [
      'W25: function_call',
      [
        chunk({ function_call: { name: 'f', arguments: '' } }),
        chunk({ function_call: { arguments: '{"x":' } }),
        chunk({ function_call: { arguments: '2}' } }),
      ],
      [[null, 'f', '{"x":2}']],
    ],
    [
      'arguments as an object',
      [tools({ id: 'a', function: { name: 'f', arguments: { x: 2 } } })],
      [['a', 'f', '{"x":2}']],
    ],
    ['a flat shape', [tools({ id: 'a', name: 'f', input: { x: 2 } })], [['a', 'f', '{"x":2}']]],
  ])('%s', async (_what, parts, calls) => {
    expect(await callsOf(...parts, ...ends)).toEqual([0, ...calls]);
  });

  test('W2: arguments that never become JSON are no success', async () => {
    const { code, json } = await jsonOf(
      tools({ index: 0, id: 'a', function: { name: 'f', arguments: '{"x":' } }),
      ...ends,
    );
    expect(code).toBe(41);
    expect(json).toMatchObject({ tool_calls: [], error: { code: 'broken_tool_call' } });
    expect((json.error as { message: string }).message).toContain('f');
  });

  test('a broken call beside text or a good call is partial', async () => {
    const { code, json } = await jsonOf(
      tools({ index: 0, id: 'a', function: { name: 'f', arguments: '{}' } }),
      tools({ index: 1, id: 'b', function: { name: 'g', arguments: '{"x' } }),
      ...ends,
    );
    expect(code).toBe(40);
    expect(json.tool_calls).toHaveLength(1);
  });
});

describe('choices', () => {
  const word = (index: unknown, content: string): string => choice({ index, delta: { content } });

  test.each<[string, unknown[]]>([
    ['W4: counts', [0, 1, 2, 3]],
    ['is null', [null, null, null, null]],
    ['is text', ['0', '0', '0', '0']],
    ['is always 1', [1, 1, 1, 1]],
    ['is negative', [-1, -1, -1, -1]],
  ])('an index that %s: a lone choice is ours', async (_what, [a, b, c, d]) => {
    const parts = [word(a, 'Wh'), word(b, 'isp'), word(c, 'er'), word(d, 'ing')];
    const { code, json } = await jsonOf(...parts, chunk({}, 'stop'), done);
    expect([code, json.text, json.warnings]).toEqual([0, 'Whispering', []]);
  });

  test('of several the first index counts, and the other is not lost without a word', async () => {
    const { json } = await jsonOf(
      data({
        choices: [
          { index: 1, delta: { content: 'two' } },
          { index: 0, delta: { content: 'one' } },
        ],
      }),
      chunk({}, 'stop'),
    );
    expect(json.text).toBe('one');
    expect(json.warnings).toEqual([expect.stringContaining('a second answer')]);
  });

  test('without indexes all are parts of the answer: Copilot sends text and tools apart', async () => {
    const body = JSON.stringify({
      choices: [
        { finish_reason: 'tool_calls', message: { role: 'assistant', content: 'Looking.' } },
        {
          finish_reason: 'tool_calls',
          message: { tool_calls: [{ id: 'a', function: { name: 'f', arguments: '{}' } }] },
        },
      ],
    });
    const { world } = await ask(whole(200, 'application/json', body), ['--json', 'Hi']);
    expect(world.json()).toMatchObject({ text: 'Looking.', tool_calls: [{ id: 'a' }] });
  });
});

describe('heartbeats and ends', () => {
  const hello = [chunk({ content: 'Hello ' }), chunk({ content: 'world' }), chunk({}, 'stop')];

  test.each<[string, string]>([
    ['W8: data:', 'data:\n\n'],
    ['W8: data: and a blank', 'data: \n\n'],
    ['W8: data without a colon', 'data\n\n'],
    ['W8: event: ping and no data', 'event: ping\ndata: \n\n'],
    ['event: ping with words', 'event: ping\ndata: 2026-01-01 00:00:00\n\n'],
    ['event: ping with JSON', 'event: ping\ndata: {"type":"ping"}\n\n'],
    ['a comment as data', 'data: : keep-alive\n\n'],
    ['a word', 'data: ping\n\n'],
    ['null', 'data: null\n\n'],
  ])('%s is skipped', async (_what, beat) => {
    const [first = '', second = '', third = ''] = hello;
    const { code, json } = await jsonOf(beat, first, beat, second, beat, third, beat, done);
    expect([code, json.text, json.warnings]).toEqual([0, 'Hello world', []]);
  });

  test.each(['[DONE] ', ' [DONE]', '[DONE]\t', '"[DONE]"', '[done]'])(
    'W9: %j is the end',
    async (end) => {
      const { code, json } = await jsonOf(...hello.slice(0, 2), `data: ${end}\n\n`);
      expect([code, json.text]).toEqual([0, 'Hello world']);
    },
  );

  test('JSON without data: between the events is read', async () => {
    const bare = '{"choices":[{"index":0,"delta":{"content":"new "}}]}\n';
    const { code, json } = await jsonOf(hello[0] ?? '', bare, hello[1] ?? '', hello[2] ?? '', done);
    expect([code, json.text]).toEqual([0, 'Hello new world']);
  });

  test('a byte order mark before each event, as of a writer that is opened for each, loses none', async () => {
    const marked = [...hello, done].map((event) => `\ufeff${event}`);
    const { code, json } = await jsonOf('\ufeff', ...marked);
    expect([code, json.text]).toEqual([0, 'Hello world']);
  });

  const odd = '{"id":"NaN","tokens_per_second":NaN,"a":[Infinity,-Infinity],';
  const said = '"content":"say \\"NaN\\" -Infinity"';
  test.each<[string, string[]]>([
    [
      'in a chunk',
      [`data: ${odd}"choices":[{"delta":{${said}},"finish_reason":"stop"}]}\n\n`, done],
    ],
    ['without data:', [`${odd}"choices":[{"delta":{${said}},"finish_reason":"stop"}]}\n\n`, done]],
    ['in a whole reply', [`${odd}"choices":[{"message":{${said}},"finish_reason":"stop"}]}`]],
  ])('the numbers of Python that are none of JSON, %s, are null', async (_what, sent) => {
    const { code, json } = await jsonOf(...sent);
    expect([code, json.text, json.id]).toEqual([0, 'say "NaN" -Infinity', 'NaN']);
  });

  test('such numbers beside each piece of text lose none', async () => {
    const piece = (text: string): string =>
      `data: {"choices":[{"delta":{"content":"${text}"},"logprobs":-Infinity}]}\n\n`;
    const { code, json } = await jsonOf(piece('a'), piece('NaN'), piece('c'), chunk({}, 'stop'));
    expect([code, json.text]).toEqual([0, 'aNaNc']);
  });

  test('such a number before a text that does not end, with a million quotes in it, is read once', async () => {
    const endless = `{"a":NaN,"choices":[{"delta":{"content":"${'\\"'.repeat(1_000_000)}`;
    expect((await jsonOf(...hello, `data: ${endless}\n\n`, done)).code).toBe(40);
  });

  test('NaN tokens behind a whole answer are unknown', async () => {
    const usage = 'data: {"choices":[],"usage":{"prompt_tokens":NaN,"completion_tokens":2}}\n\n';
    const { code, json } = await jsonOf(...hello, usage, done);
    expect([code, json.text]).toEqual([0, 'Hello world']);
    expect(json.usage).toMatchObject({ prompt_tokens: null, completion_tokens: 2 });
  });

  test('a body of JSON lines is read', async () => {
    const line = (content: string, end: object): string =>
      `${JSON.stringify({ model: 'llama3.2', message: { role: 'assistant', content }, ...end })}\n`;
    const body = line('Hel', { done: false }) + line('lo', { done: true, done_reason: 'stop' });
    const { code, world } = await ask(whole(200, 'application/x-ndjson', body), ['--json', 'Hi']);
    expect([code, world.json().text, world.json().finish_reason]).toEqual([0, 'Hello', 'stop']);
  });
});

describe('heartbeats that are none', () => {
  test.each(['event: error\ndata: \n\n', 'event: ping\ndata: {"error":{"message":"gone"}}\n\n'])(
    '%j is an error all the same',
    async (event) => {
      const { code } = await jsonOf(chunk({ content: 'Hello' }), event, done);
      expect(code).toBe(40);
    },
  );
});

describe('a whole message at the end of a stream', () => {
  const usage = { prompt_tokens: 3, completion_tokens: 2, total_tokens: 5 };
  const deltas = [chunk({ content: 'Hello ' }), chunk({ content: 'world' })];
  const last = (message: object): string =>
    data({
      object: 'chat.completion',
      choices: [{ index: 0, finish_reason: 'stop', message: { role: 'assistant', ...message } }],
      usage,
    });

  test('W10: is not printed twice, and its usage counts', async () => {
    const { code, json } = await jsonOf(...deltas, last({ content: 'Hello world' }));
    expect([code, json.text, json.warnings]).toEqual([0, 'Hello world', []]);
    expect(json).toMatchObject({ usage, finish_reason: 'stop' });
  });

  test('W10: brings the text when none came, the rest when a part came', async () => {
    expect((await jsonOf(last({ content: 'Hello world' }))).json.text).toBe('Hello world');
    const cut = await jsonOf(deltas[0] ?? '', last({ content: 'Hello world' }));
    expect(cut.json.text).toBe('Hello world');
  });

  test('W10: reasoning and tool calls are not doubled either', async () => {
    const calls = [{ id: 'a', function: { name: 'f', arguments: '{"x":1}' } }];
    const { json } = await jsonOf(
      chunk({ reasoning_content: 'Think' }),
      chunk({ tool_calls: [{ index: 0, ...calls[0] }] }),
      last({ content: 'ok', reasoning_content: 'Think', tool_calls: calls }),
    );
    expect(json).toMatchObject({ text: 'ok', reasoning: 'Think', tool_calls: calls });
    expect(json.tool_calls).toHaveLength(1);
  });

  test('W10: with other text is said', async () => {
    const { json } = await jsonOf(...deltas, last({ content: 'Something else' }));
    expect(json.text).toBe('Hello world');
    expect(json.warnings).toEqual([expect.stringContaining('text differs')]);
  });

  test('Perplexity: all text so far beside each delta', async () => {
    const piece = (content: string, all: string): string =>
      choice({ index: 0, delta: { content }, message: { role: 'assistant', content: all } });
    const parts = ['a', 'b', 'c'].map((word, at, all) =>
      piece(word, all.slice(0, at + 1).join('')),
    );
    const { json } = await jsonOf(
      ...parts,
      choice({ index: 0, delta: {}, message: { content: 'abc' }, finish_reason: 'stop' }),
    );
    expect([json.text, json.warnings]).toEqual(['abc', []]);
  });
});

describe('content, reasoning', () => {
  test.each<[string, object, string, string | null]>([
    [
      'W11: parts, one of them a blank',
      {
        content: [
          { type: 'text', text: 'Hello' },
          { type: 'text', text: ' ' },
          { type: 'text', text: 'world\n' },
        ],
      },
      'Hello world\n',
      null,
    ],
    ['parts that are strings', { content: ['a', ' ', 'b'] }, 'a b', null],
    ['one part, no list', { content: { type: 'text', text: 'a' } }, 'a', null],
    ['a number', { content: 42 }, '42', null],
    [
      'W21: a part thinking (Mistral)',
      {
        content: [
          { type: 'thinking', thinking: [{ type: 'text', text: 'hm ' }] },
          { type: 'text', text: 'a' },
        ],
      },
      'a',
      'hm ',
    ],
    [
      'W21: reasoning_details',
      {
        content: 'a',
        reasoning_details: [
          { type: 'reasoning.text', text: 'hm', index: 0 },
          { type: 'reasoning.encrypted', data: 'xyz' },
        ],
      },
      'a',
      'hm',
    ],
    [
      'W21: reasoning beside an empty reasoning_content',
      { content: 'a', reasoning_content: '', reasoning: 'hm' },
      'a',
      'hm',
    ],
    [
      'W21: the same in two fields',
      { content: 'a', reasoning_content: 'hm', reasoning: 'hm' },
      'a',
      'hm',
    ],
    ['reasoning as an object', { content: 'a', reasoning: { content: 'hm' } }, 'a', 'hm'],
    ['thinking (Ollama)', { content: 'a', thinking: 'hm' }, 'a', 'hm'],
  ])('%s', async (_what, message, text, reasoning) => {
    const streamed = await jsonOf(
      chunk(message as Record<string, unknown>),
      chunk({}, 'stop'),
      done,
    );
    expect([streamed.code, streamed.json.text, streamed.json.reasoning]).toEqual([
      0,
      text,
      reasoning,
    ]);
    expect(streamed.json.warnings).toEqual([]);
    const body = JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] });
    const { world } = await ask(whole(200, 'application/json', body), [
      '--no-stream',
      '--json',
      'Hi',
    ]);
    expect([world.json().text, world.json().reasoning]).toEqual([text, reasoning]);
  });

  test.each<[string, object, string]>([
    ['audio', { content: 'a', audio: { data: 'UklGR', transcript: 'hello' } }, 'audio'],
    [
      'an unknown part',
      { content: ['a', { type: 'hologram', body: 'x' }] },
      'a content part "hologram"',
    ],
    [
      'reasoning in two fields that differ',
      { content: 'a', reasoning: 'x', thinking: 'y' },
      'two fields',
    ],
  ])('%s is not lost without a word', async (_what, delta, words) => {
    const { code, json } = await jsonOf(
      chunk(delta as Record<string, unknown>),
      chunk({}, 'stop'),
      done,
    );
    expect([code, json.text]).toEqual([0, 'a']);
    expect(json.warnings).toEqual([expect.stringContaining(words)]);
  });

  test('an empty answer names the fields that nobody reads', async () => {
    const { json } = await jsonOf(chunk({ speech: 'hello' }), chunk({}, 'stop'), done);
    expect(json.warnings).toContainEqual(expect.stringContaining('delta.speech'));
  });
});

describe('usage', () => {
  const good = { prompt_tokens: 10, completion_tokens: 5, total_tokens: 15 };
  const zeros = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  const words = chunk({ content: 'a' });

  test.each<[string, string[], unknown]>([
    [
      'W19: in the last choice',
      [choice({ index: 0, delta: {}, finish_reason: 'stop', usage: good })],
      good,
    ],
    ['under x_groq', [data({ choices: [], x_groq: { id: 'r', usage: good } })], good],
    [
      'W25: good, then zeros',
      [data({ choices: [], usage: good }), data({ choices: [], usage: zeros })],
      good,
    ],
    ['W12: only zeros', [data({ choices: [], usage: zeros })], null],
    [
      'W20: as text',
      [
        data({
          choices: [],
          usage: { prompt_tokens: '10', completion_tokens: '5', total_tokens: '15' },
        }),
      ],
      good,
    ],
    [
      'W20: negative, fractional, absurd',
      [
        data({
          choices: [],
          usage: {
            prompt_tokens: 10,
            completion_tokens: -1,
            total_tokens: 1.5,
            cached_tokens: 1e300,
          },
        }),
      ],
      { prompt_tokens: 10, completion_tokens: null, total_tokens: null, cached_tokens: null },
    ],
    [
      'W20: in the details',
      [data({ choices: [], usage: { ...good, prompt_tokens_details: { cached_tokens: '4' } } })],
      { ...good, prompt_tokens_details: { cached_tokens: 4 } },
    ],
  ])('%s', async (_what, parts, usage) => {
    const { code, world } = await ask(stream(words, chunk({}, 'stop'), ...parts, done), [
      '--json',
      'Hi',
    ]);
    expect([code, world.json().usage]).toEqual([0, usage]);
    expect(world.err()).not.toMatch(/=(-1|NaN|1\.5)/);
  });
});

describe('finish reasons', () => {
  test.each<[string, number, string | null]>([
    ['stop', 0, null],
    ['end_turn', 0, null],
    ['STOP', 0, null],
    ['length', 0, null],
    ['MAX_TOKENS', 0, null],
    ['content_filter', 26, 'content_filter'],
    ['W25: sensitive', 26, 'sensitive'],
    ['SAFETY', 26, 'SAFETY'],
    ['error', 40, 'error'],
    ['abort', 40, 'abort'],
    ['W25: network_error', 40, 'network_error'],
    ['W25: insufficient_system_resource', 40, 'insufficient_system_resource'],
    ['because', 0, null],
  ])('%s', async (row, exit, errorCode) => {
    const reason = row.replace(/^W\d+: /, '');
    const { code, json } = await jsonOf(chunk({ content: 'a' }), chunk({}, reason), done);
    expect([code, (json.error as { code: string } | undefined)?.code ?? null]).toEqual([
      exit,
      errorCode,
    ]);
    expect(json).toMatchObject({ finish_reason: reason, text: 'a' });
    const notes = json.warnings as string[];
    expect(notes.some((note) => note.includes('not known'))).toBe(reason === 'because');
  });

  test('--strict takes no reason that nobody knows', async () => {
    const { code } = await ask(stream(chunk({ content: 'a' }), chunk({}, 'because'), done), [
      '--strict',
      'Hi',
    ]);
    expect(code).toBe(40);
  });

  test('trouble is not made good by a later stop, and "null" is none', async () => {
    const { code } = await jsonOf(
      chunk({ content: 'a' }),
      chunk({}, 'network_error'),
      chunk({}, 'stop'),
      done,
    );
    expect(code).toBe(40);
    expect((await jsonOf(chunk({ content: 'a' }, 'null'))).code).toBe(40);
  });
});

import { describe, expect, test } from 'vitest';
import { ask, events, stream } from '../../helpers/ask.ts';
import { chunk } from '../../helpers/server.ts';

const done = 'data: [DONE]\n\n';

function piece(index: number, fields: object): string {
  return chunk({ tool_calls: [{ index, ...fields }] });
}

const twoCalls = [
  chunk({ role: 'assistant', content: null }),
  piece(0, { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '' } }),
  piece(1, { id: 'call_b', type: 'function', function: { name: 'time', arguments: '{"zo' } }),
  piece(0, { function: { arguments: '{"city":' } }),
  piece(1, { function: { arguments: 'ne":"CET"}' } }),
  piece(0, { function: { arguments: '"Köln"}' } }),
  chunk({}, 'tool_calls'),
  done,
];
const whole = [
  { id: 'call_a', type: 'function', function: { name: 'weather', arguments: '{"city":"Köln"}' } },
  { id: 'call_b', type: 'function', function: { name: 'time', arguments: '{"zone":"CET"}' } },
];

describe('tool calls', () => {
  test('are put together by their index', async () => {
    const { code, world } = await ask(stream(...twoCalls), ['--json', 'Hi']);
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({
      tool_calls: whole,
      finish_reason: 'tool_calls',
      text: '',
    });
    expect(world.json().warnings).toEqual([]);
  });

  test('come as events, each whole', async () => {
    const { world } = await ask(stream(...twoCalls), ['--jsonl', 'Hi']);
    const calls = events(world).filter(({ type }) => type === 'tool_call');
    expect(calls.map(({ tool_call }) => tool_call)).toEqual(whole);
  });

  test('are told on stderr, and stdout stays empty', async () => {
    const { world } = await ask(stream(...twoCalls));
    expect(world.out()).toBe('');
    expect(world.err()).toContain('[tool_call] weather({"city":"Köln"})\n');
    expect(world.err()).toContain('[tool_call] time({"zone":"CET"})\n');
  });

  test.each([
    ['the token limit', [...twoCalls.slice(0, 5), chunk({}, 'length'), done], 0],
    ['the end of the connection', twoCalls.slice(0, 5), 41],
  ])('that were cut by %s are left out, and that is said', async (_what, parts, exit) => {
    const { code, world } = await ask(stream(...parts), ['--json', 'Hi']);
    expect(code).toBe(exit);
    const names = (world.json().tool_calls as { function: { name: string } }[]).map(
      (call) => call.function.name,
    );
    expect(names).not.toContain('weather');
    expect(world.err()).toMatch(/tool calls? .*cut off/);
    expect(world.out()).not.toContain('city');
  });

  test('that look whole are not, while nobody has said that they are', async () => {
    const { code, world } = await ask(stream(...twoCalls.slice(0, 6)), ['--json', 'Hi']);
    expect(code).toBe(41);
    expect(world.json().tool_calls).toEqual([]);
  });

  test('without arguments are whole', async () => {
    const reply = stream(piece(0, { id: 'c', function: { name: 'now' } }), chunk({}, 'tool_calls'));
    const { world } = await ask(reply, ['--json', 'Hi']);
    expect(world.json().tool_calls).toEqual([
      {
        id: 'c',
        type: 'function',
        function: { name: 'now', arguments: expect.stringMatching(/^(\{\})?$/) },
      },
    ]);
    const { arguments: text } = (
      world.json().tool_calls as { function: { arguments: string } }[]
    )[0]?.function ?? { arguments: '' };
    expect(() => JSON.parse(text)).not.toThrow();
  });

  test('of a reply in one piece are read', async () => {
    const body = {
      choices: [
        { index: 0, message: { content: null, tool_calls: whole }, finish_reason: 'tool_calls' },
      ],
    };
    const { world } = await ask(
      (response) => {
        response.writeHead(200, { 'content-type': 'application/json' });
        response.end(JSON.stringify(body));
      },
      ['--no-stream', '--json', 'Hi'],
    );
    expect(world.json().tool_calls).toEqual(whole);
  });
});

describe('W1 tool calls in odd pieces', () => {
  const f = (id: string | null, name: string, text: string): object => ({
    id,
    type: 'function',
    function: { name, arguments: text },
  });
  const named = (name: string, text: unknown): object => ({ name, arguments: text });
  const message = (...calls: object[]): string =>
    `data: ${JSON.stringify({
      object: 'chat.completion',
      choices: [{ index: 0, message: { content: null, tool_calls: calls } }],
    })}\n\n`;

  test.each<[string, string[], object[]]>([
    [
      'the id in the last piece',
      [
        piece(0, { function: named('f', '{"x":') }),
        piece(0, { function: { arguments: '1}' } }),
        piece(0, { id: 'a', function: { arguments: '' } }),
      ],
      [f('a', 'f', '{"x":1}')],
    ],
    [
      'a name in pieces',
      [
        piece(0, { id: 'a', function: named('get_', '') }),
        piece(0, { function: named('weather', '') }),
        piece(0, { function: { arguments: '{}' } }),
      ],
      [f('a', 'get_weather', '{}')],
    ],
    [
      'a name that grows',
      [
        piece(0, { id: 'a', function: named('get_', '') }),
        piece(0, { function: named('get_weather', '') }),
        piece(0, { function: { arguments: '{}' } }),
      ],
      [f('a', 'get_weather', '{}')],
    ],
    [
      'an empty object before the arguments',
      [
        piece(0, { id: 'a', function: named('f', {}) }),
        piece(0, { function: { arguments: '{"x":' } }),
        piece(0, { function: { arguments: '1}' } }),
      ],
      [f('a', 'f', '{"x":1}')],
    ],
    [
      'one id for all calls',
      [
        piece(0, { id: 'c', function: named('f', '{"x":1}') }),
        piece(1, { id: 'c', function: named('f', '{"x":2}') }),
        piece(2, { id: 'c', function: named('g', '{"y":3}') }),
      ],
      [f('c', 'f', '{"x":1}'), f('c', 'f', '{"x":2}'), f('c', 'g', '{"y":3}')],
    ],
    [
      'a call under both names',
      [
        chunk({
          function_call: named('f', '{"x":1}'),
          tool_calls: [{ index: 0, id: 'a', function: named('f', '{"x":1}') }],
        }),
      ],
      [f('a', 'f', '{"x":1}')],
    ],
    [
      'a whole message with other ids',
      [
        piece(0, { id: 'a', function: named('f', '{"x":1}') }),
        piece(1, { id: 'b', function: named('g', '{"x":1}') }),
        message({ id: 'y', function: named('f', '{"x":1}') }, { function: named('g', '{"x":1}') }),
      ],
      [f('a', 'f', '{"x":1}'), f('b', 'g', '{"x":1}')],
    ],
  ])('%s', async (_, pieces, calls) => {
    const { code, world } = await ask(stream(...pieces, chunk({}, 'tool_calls'), done), [
      '--json',
      'Hi',
    ]);
    expect([code, world.json().tool_calls]).toEqual([0, calls]);
    expect(world.json().warnings).toEqual([]);
  });
});

/** Streams in shapes that no standard has, and errors in places that no vendor documents: a paid answer is read, and a server's words reach the user. */
import { describe, expect, test } from 'vitest';
import { ask, stream } from '../../helpers/ask.ts';
import { chunk } from '../../helpers/server.ts';

const done = 'data: [DONE]\n\n';
const data = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
const good = [chunk({ content: 'Hello ' }), chunk({ content: 'world' }), chunk({}, 'stop'), done];
const json = ['--json', 'Hi'];

describe('W5 W6 W7 an error in an odd place', () => {
  test.each<[string, unknown]>([
    ['in the delta', { choices: [{ index: 0, delta: { error: { message: 'boom', code: 5 } } }] }],
    ['in the message', { choices: [{ message: { content: '', error: 'boom' } }] }],
    ['in data', { data: { error: { message: 'boom' } } }],
    ['in result', { result: { error: 'boom' } }],
    ['in Error', { Error: { Code: 'X', Message: 'boom' } }],
    ['in errorMessage', { errorMessage: 'boom', errorType: 'X' }],
    ['in err', { err: 'boom' }],
    ['in exception', { exception: 'boom' }],
    ['beside error: true', { error: true, message: 'boom' }],
    ['beside error: 1', { error: 1, msg: 'boom', code: 5 }],
    ['in a list of errors', { error: { errors: [{ message: 'boom', reason: 'r' }] } }],
    ['in the second of a list', { error: [{ message: 'one' }, { message: 'boom' }] }],
    ['in fields that nobody knows', { status_code: 500, status_text: 'boom' }],
  ])('%s', async (_, sent) => {
    const { code, world } = await ask(stream(data(sent), done), json);
    expect(code).toBe(41);
    expect(world.json()).toMatchObject({ error: { message: expect.stringContaining('boom') } });
  });

  test.each<[string, string[]]>([
    ['a body of plain text', ['Internal boom\n']],
    ['an event of plain text', ['data: [ERROR] boom\n\n']],
    ['plain text behind the answer', [chunk({ content: 'Hello' }), 'Internal boom\n']],
  ])('%s', async (_, parts) => {
    const { code, world } = await ask(stream(...parts), json);
    expect(code).toBe(parts.length > 1 ? 40 : 41);
    expect(world.json()).toMatchObject({ error: { message: expect.stringContaining('boom') } });
  });

  test.each<[string, object]>([
    ['code 200', { error: { code: 200, message: 'success' } }],
    ['code 0', { error: { code: 0, message: 'OK' } }],
    ['only empty fields', { error: { code: '', message: null, details: [] } }],
  ])('one that reports success is none: %s', async (_, more) => {
    const { content } = { content: 'Hello ' };
    const { code, world } = await ask(
      stream(data({ choices: [{ index: 0, delta: { content } }], ...more }), ...good.slice(1)),
      json,
    );
    expect([code, world.json().text]).toEqual([0, 'Hello world']);
  });

  test('its code may repeat the status', async () => {
    const { code, world } = await ask(
      stream(data({ error: { code: 200, message: 'boom' } })),
      json,
    );
    expect(code).toBe(41);
    expect(world.json()).toMatchObject({ error: { message: 'boom' } });
  });
});

describe('W8 W9 W10 an answer in an odd frame', () => {
  test.each<[string, string]>([
    ['no blank line between the events', good.join('').replaceAll('\n\n', '\n')],
    ['a bare [DONE]', `${good.slice(0, 2).join('')}[DONE]\n\n`],
    ['DONE without brackets', `${good.slice(0, 2).join('')}data: DONE\n\n`],
    [
      'JSON lines that end in [DONE]',
      `${good.slice(0, 2).join('').replaceAll('data: ', '').replaceAll('\n\n', '\n')}[DONE]\n`,
    ],
    ['a list of chunks', `[${good.slice(0, 3).join(',').replaceAll('data: ', '')}]`],
    [
      'a whole delta at the end',
      [
        ...good.slice(0, 2).map((one) => one.replace('{', '{"object":"chat.completion.chunk",')),
        data({
          object: 'chat.completion',
          choices: [{ delta: { content: 'Hello world' }, finish_reason: 'stop' }],
        }),
        done,
      ].join(''),
    ],
  ])('%s', async (_, body) => {
    const { code, world } = await ask(stream(body), json);
    expect([code, world.json().text]).toEqual([0, 'Hello world']);
    expect(world.json().warnings).toEqual([]);
  });
});

describe('W19 usage in an odd place', () => {
  const usage = { prompt_tokens: 4, completion_tokens: 3, total_tokens: 7 };

  test.each<[string, string]>([
    ['behind [DONE]', `${good.join('')}${data({ choices: [], usage })}`],
    [
      'in the message',
      JSON.stringify({ choices: [{ message: { content: 'x', usage }, finish_reason: 'stop' }] }),
    ],
  ])('%s', async (_, body) => {
    const { world } = await ask(stream(body), json);
    expect(world.json().usage).toEqual(usage);
  });
});

test('W14 a code as the only word: 429 insufficient_quota', async () => {
  const { code, server } = await ask((response) => {
    response.writeHead(429).end('{"error":"insufficient_quota"}');
  }, json);
  expect([code, server.requests.length]).toEqual([22, 1]);
});

test.each([
  ['contentFilter', 26],
  ['ERROR_TOXIC', 26],
  ['blocked', 26],
  ['overloaded_error', 40],
  ['USER_CANCEL', 40],
  ['FINISH_REASON_MAX_TOKENS', 0],
])('W25 the finish reason %s is %i', async (reason, exit) => {
  const { code, world } = await ask(stream(chunk({ content: 'x' }), chunk({}, reason), done), json);
  expect(code).toBe(exit);
  expect(JSON.stringify(world.json())).not.toContain('not known');
});

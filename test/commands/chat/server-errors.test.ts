import { describe, expect, test } from 'vitest';
import {
  type Asked,
  answerWell,
  ask,
  inTurn,
  type Reply,
  stream,
  whole,
} from '../../helpers/ask.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { chunk, startServer } from '../../helpers/server.ts';

const json = (status: number, body: unknown): Reply =>
  whole(status, 'application/json', JSON.stringify(body));
const data = (body: unknown): string => `data: ${JSON.stringify(body)}\n\n`;
const done = 'data: [DONE]\n\n';

interface Told {
  exit: number;
  requests: number;
  error: Record<string, unknown>;
  err: string;
  out: string;
}

/** What `chat --json` ended with. */
async function told(reply: Reply, ...argv: string[]): Promise<Told> {
  const { code, world, server }: Asked = await ask(reply, ['Hi', '--json', ...argv]);
  const document = world.json() as { error?: Record<string, unknown>; text?: string };
  return {
    exit: code,
    requests: server.requests.length,
    error: document.error ?? {},
    err: world.err(),
    out: document.text ?? '',
  };
}

describe('an error in a stream', () => {
  const places: [name: string, body: string, exit: number, message: string][] = [
    [
      'W5: a field of its own',
      `error: {"code":400,"message":"the request exceeds the available context size","type":"invalid_request_error"}\n\n${done}`,
      25,
      'the request exceeds the available context size',
    ],
    ['a field of its own, as text', `error: it broke\n\n${done}`, 41, 'it broke'],
    ['bare JSON', `{"error":{"message":"no","code":"insufficient_quota"}}\n\n`, 22, 'no'],
    ['bare JSON over lines', '{\n"error": {"message": "no",\n"code": 429}\n}\n\n', 30, 'no'],
    [
      'W6: choices null and error_message',
      data({ id: 'x', choices: null, error_type: 'BadRequestError', error_message: 'too long' }) +
        done,
      25,
      'too long',
    ],
    [
      'W6: object error',
      data({ object: 'error', message: 'too long', code: 400 }) + done,
      25,
      'too long',
    ],
    ['a text', data({ error: 'out of memory' }) + done, 41, 'out of memory'],
    ['detail', data({ detail: 'no such model' }) + done, 41, 'no such model'],
    ['errors', data({ errors: [{ code: 'content_filter', message: 'no' }] }) + done, 26, 'no'],
    ['code and message', data({ code: 'Arrearage', message: 'pay' }) + done, 22, 'pay'],
    ['a message alone', data({ message: 'boom' }) + done, 41, 'boom'],
    [
      'in a choice',
      data({ choices: [{ index: 0, error: { message: 'late', code: 503 } }] }),
      31,
      'late',
    ],
    [
      'base_resp',
      data({ choices: [], base_resp: { status_code: 1008, status_msg: 'insufficient balance' } }),
      22,
      'insufficient balance',
    ],
    [
      'event: error',
      `event: error\n${data({ type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } })}`,
      31,
      'Overloaded',
    ],
  ];
  // A comment first: whatever begins with a brace is a reply in one piece.
  test.each(places)('%s', async (_, body, exit, message) => {
    const result = await told(stream(': hi\n\n', body));
    expect(result).toMatchObject({ exit, requests: 1, error: { message } });
    expect(result.err).toContain(message);
  });

  test.each(places)(
    'behind a part of the answer it is 40, or 26, with its words: %s',
    async (_, body, exit, message) => {
      const result = await told(stream(chunk({ content: 'Partial ' }), body));
      expect(result).toMatchObject({ exit: exit === 26 ? 26 : 40, error: { message } });
      expect(result.out).toBe('Partial ');
    },
  );

  test('W7: beside the finish reason "error"', async () => {
    const error = { message: 'upstream timed out', code: 504 };
    const choice = { index: 0, delta: {}, finish_reason: 'error', error };
    const result = await told(
      stream(chunk({ content: 'Partial ' }), data({ choices: [choice] }), done),
    );
    expect(result).toMatchObject({
      exit: 40,
      out: 'Partial ',
      error: { message: 'upstream timed out', billed: 'unknown' },
    });
  });

  test('what the same chunk says before it is shown', async () => {
    const error = { message: 'upstream timed out', code: 504 };
    const choice = { index: 0, delta: { content: 'Partial ' }, finish_reason: 'error', error };
    const usage = { prompt_tokens: 3, completion_tokens: 1, total_tokens: 4 };
    const result = await told(stream(data({ choices: [choice], usage }), done));
    expect(result).toMatchObject({
      exit: 40,
      out: 'Partial ',
      error: { message: 'upstream timed out', billed: 'unknown' },
    });
  });

  const good = (more: object): string =>
    data({
      id: 'c',
      choices: [{ index: 0, delta: { content: 'Hello' }, finish_reason: 'stop' }],
      ...more,
    });
  test.each([
    { error: { message: '', type: '', param: '', code: null } },
    { error: {} },
    { error: [] },
    { error: '' },
    { error: false },
    { error: { code: 0, message: '' } },
    { base_resp: { status_code: 0, status_msg: '' } },
    { detail: 'of the answer', message: 'a note' },
    { errors: [] },
  ])('W13: an empty one is none: %j', async (more) => {
    const result = await told(stream(good(more), done));
    expect(result).toMatchObject({ exit: 0, out: 'Hello' });
  });

  test('lines that are neither a field nor an error are skipped', async () => {
    const noise = 'event: ping\nfoo: bar\n{"hello":1}\n\nid: 7\nretry: 10\nerror:\n\n';
    expect(await told(stream(noise, good({}), done))).toMatchObject({ exit: 0, out: 'Hello' });
  });
});

describe('an account without money', () => {
  test.each([
    [429, { error: { message: 'm', type: 'insufficient_quota', code: 'insufficient_quota' } }],
    [429, { error: { code: '1113', message: '余额不足' } }],
    [403, { error: { message: 'm', code: 'AccountOverdueError' } }],
    [400, { code: 'Arrearage', message: 'm', request_id: 'r' }],
  ])('W14: is 22 and asked once: %d %j', async (status, body) => {
    const result = await told(json(status, body));
    expect(result).toMatchObject({
      exit: 22,
      requests: 1,
      error: { billed: 'no', retryable: false },
    });
    expect(result.error.hint).toMatch(/^top up/);
  });
});

describe('W15: a list with one error (Gemini)', () => {
  const list = (code: number, status: string) => [{ error: { code, message: 'm', status } }];
  test('is retried as a 429', async () => {
    const reply = inTurn(json(429, list(429, 'RESOURCE_EXHAUSTED')), answerWell);
    expect(await told(reply)).toMatchObject({ exit: 0, requests: 2 });
  });

  test('in one piece under 200 is that error', async () => {
    expect(await told(json(200, list(403, 'PERMISSION_DENIED')))).toMatchObject({
      exit: 23,
      error: { message: 'm' },
    });
  });
});

describe('W25: a paid request that nobody waited for', () => {
  test.each([408, 499])('%d may have been billed', async (status) => {
    const result = await told(json(status, { error: { message: 'm', code: status } }));
    expect(result).toMatchObject({
      exit: 46,
      requests: 1,
      error: { billed: 'unknown', retryable: false, message: 'm' },
    });
  });
});

describe('W23: a refused field', () => {
  const refused = (param: string | null, code: string | null = 'unsupported_parameter') =>
    json(400, { error: { message: 'no', type: 'invalid_request_error', param, code } });
  test.each([
    [refused('stream_options'), '--param stream_options=null'],
    [refused('stream_options', null), '--param stream_options=null'],
    [refused('stream_options.include_usage', null), '--param stream_options=null'],
    [refused('stream'), '--no-stream'],
    [refused('max_tokens'), '--param max_completion_tokens=NUMBER'],
    [refused('temperature', 'unsupported_value'), '--param temperature=null'],
    [
      json(422, { detail: [{ type: 'extra_forbidden', loc: ['body', 'seed'], msg: 'no' }] }),
      '--param seed=null',
    ],
    [
      json(400, {
        error: { message: 'Unrecognized request argument', type: 'invalid_request_error' },
      }),
      '--param NAME=null',
    ],
  ])('names the flag %#', async (reply, flag) => {
    const { exit, error } = await told(reply);
    expect(exit).toBe(25);
    expect(error.hint).toContain(flag);
  });

  test.each([
    [refused('model', 'invalid_value')],
    [refused('max_tokens', 'integer_above_max_value')],
    [refused('messages', 'unsupported_value')],
    [refused("x y'; rm", 'unsupported_parameter')],
  ])('that has to be changed or cannot be left out gets no such flag %#', async (reply) => {
    const { error } = await told(reply);
    expect(error.hint).not.toContain('--param');
  });

  test.each<[string[], object]>([
    [['--param', 'stream_options=null'], { stream: true }],
    [['--param', 'stream_options={"include_usage":null}'], { stream: true, stream_options: {} }],
    [
      ['--param', 'stream_options={"x":1}'],
      { stream: true, stream_options: { include_usage: true, x: 1 } },
    ],
    [
      ['--temperature', '1', '--param', 'temperature=null', '--param', 'stream_options=null'],
      { stream: true },
    ],
  ])('null leaves it out of the request: %j', async (argv, fields) => {
    const { server } = await ask(answerWell, [...argv, 'Hi']);
    const { model: _, messages: __, ...rest } = server.requests[0]?.json ?? {};
    expect(rest).toEqual(fields);
  });
});

describe('404 page not found', () => {
  const notFound: Reply = whole(404, 'text/plain', '404 page not found\n');
  test('from a base URL without /v1 says so', async () => {
    const server = await startServer(notFound);
    const base = server.baseUrl.replace('/v1', '');
    const world = fakeDeps();
    world.write(
      'config.json',
      JSON.stringify({ gateways: { mine: { kind: 'openai', base_url: base } } }),
    );
    expect(await world.run('chat', '-g', 'mine', '-m', 'm', '--no-stdin', 'hi')).toBe(24);
    expect(world.err()).toContain('404 page not found [not_found code=page_not_found');
    expect(world.err()).toContain(`the base URL ${base} lacks /v1: --base-url ${base}/v1`);
  });

  test('from one with /v1 does not', async () => {
    const { exit, error } = await told(notFound);
    expect([exit, error.code]).toEqual([24, 'page_not_found']);
    expect(error.hint).not.toContain('--base-url');
  });
});

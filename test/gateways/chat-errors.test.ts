import { describe, expect, test } from 'vitest';
import { type Answer, keys, play } from '../helpers/gateways.ts';

const calls = {
  tokenhub: 'POST /api/v1/chat/completions',
  altllm: 'POST /v1/chat/completions',
  openrouter: 'POST /api/v1/chat/completions',
  ollama: 'POST /v1/chat/completions',
};
const gateways = Object.keys(calls) as (keyof typeof calls)[];

interface Shape {
  what: string;
  status: number;
  body: unknown;
  exit: number;
  error: object;
}

/** Under a status that says what it is: the shape of the body only brings words. */
const shapes: Shape[] = [
  {
    what: 'an envelope',
    status: 401,
    body: { error: { code: 'invalid_api_key', message: 'Bad key', type: 'auth' } },
    exit: 21,
    error: { name: 'auth', code: 'invalid_api_key', message: 'Bad key' },
  },
  {
    what: 'an envelope with a number that repeats the status',
    status: 402,
    body: { error: { code: 402, message: 'No credit' } },
    exit: 22,
    error: { name: 'balance', code: null, message: 'No credit' },
  },
  {
    what: 'an error that is a string',
    status: 403,
    body: { error: 'Not with this plan' },
    exit: 23,
    error: { name: 'forbidden', message: 'Not with this plan' },
  },
  {
    what: 'a detail',
    status: 404,
    body: { detail: 'No such model' },
    exit: 24,
    error: { name: 'not_found', message: 'No such model' },
  },
  {
    what: 'a list of details',
    status: 422,
    body: { detail: [{ loc: ['body'], msg: 'field required' }, { msg: 'too long' }] },
    exit: 25,
    error: { name: 'rejected', message: 'field required; too long' },
  },
  {
    what: 'a message alone',
    status: 400,
    body: { message: 'No model' },
    exit: 25,
    error: { name: 'rejected', message: 'No model' },
  },
  {
    what: 'a filter',
    status: 400,
    body: { error: { code: 'content_filter', message: 'No' } },
    exit: 26,
    error: { name: 'refused', code: 'content_filter' },
  },
  {
    what: 'a page',
    status: 403,
    body: '<!DOCTYPE html><html><head><title>Just a moment</title></head></html>',
    exit: 23,
    error: { message: 'an HTML page: Just a moment' },
  },
  {
    what: 'plain text',
    status: 413,
    body: 'too large\n',
    exit: 25,
    error: { message: 'too large' },
  },
  {
    what: 'nothing',
    status: 404,
    body: '',
    exit: 24,
    error: { message: 'HTTP 404 without a message' },
  },
  {
    what: 'JSON of no kind',
    status: 400,
    body: { ok: false },
    exit: 25,
    error: { message: 'HTTP 400 without a message' },
  },
];

function answerOf({ status, body }: Pick<Shape, 'status' | 'body'>): Answer {
  if (typeof body !== 'string') return { status, json: body };
  return (response) => {
    response.writeHead(status, {
      'content-type': body.startsWith('<') ? 'text/html' : 'text/plain',
    });
    response.end(body);
  };
}

async function ask(gateway: keyof typeof calls, answer: Answer) {
  const played = await play(gateway, { [calls[gateway]]: answer });
  const code = await played.run('chat', '-g', gateway, '-m', 'vendor/some-model', '--json', 'Hi');
  return { code, ...played };
}

describe.each(gateways)('%s', (gateway) => {
  test.each(shapes)('$status with $what', async (shape) => {
    const { code, world, server } = await ask(gateway, answerOf(shape));
    expect(code).toBe(shape.exit);
    expect(world.json()).toMatchObject({
      ok: false,
      exit: shape.exit,
      gateway,
      error: { status: shape.status, billed: 'no', retryable: false, ...shape.error },
    });
    expect(server.requests).toHaveLength(1);
    expect(server.requests[0]?.headers.authorization).toBe(
      keys[gateway] === undefined ? undefined : `Bearer ${keys[gateway]}`,
    );
  });

  test('503 in its envelope is asked again, and once more', async () => {
    const busy = { status: 503, json: { error: { code: 503, message: 'Busy' } } };
    const { code, server, world } = await ask(gateway, busy);
    expect([code, server.requests.length]).toEqual([31, 3]);
    expect(world.json()).toMatchObject({
      attempts: 3,
      error: { name: 'upstream', code: null, message: 'Busy (after 3 tries)' },
    });
  });

  test('503 of some proxy may have been paid for: it is asked once', async () => {
    const { code, server, world } = await ask(
      gateway,
      answerOf({ status: 503, body: '<html><title>Bad</title></html>' }),
    );
    expect([code, server.requests.length]).toEqual([46, 1]);
    expect(world.json()).toMatchObject({ error: { name: 'outcome_unknown', billed: 'unknown' } });
  });

  test.each([
    ['a page', '<html><title>Login</title></html>', 41],
    ['an error', { error: { code: 429, message: 'Slow down' } }, 30],
    ['an error that is a string', { error: 'overloaded' }, 41],
  ])('200 with %s is no answer', async (_what, body, exit) => {
    const { code, world } = await ask(gateway, answerOf({ status: 200, body }));
    expect(code).toBe(exit);
    expect(world.json()).toMatchObject({ ok: false, text: '' });
  });
});

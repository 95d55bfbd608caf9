import { describe, expect, test } from 'vitest';
import {
  ask,
  cutStream,
  lostReply,
  type Reply,
  stalledStream,
  stream,
  whole,
} from '../../helpers/ask.ts';
import { expectFailure } from '../../helpers/expect-failure.ts';
import { chunk } from '../../helpers/server.ts';

const unclear = { retryable: false, billed: 'unknown', requests: 1, inLedger: true } as const;
const begun = chunk({ role: 'assistant', content: 'Once upon' });
const partial = { ...unclear, exit: 40, name: 'partial', requestId: 'req-1', status: 200 } as const;
const protocol = { ...unclear, exit: 41, name: 'protocol', hint: /may have been billed/ } as const;
const unknown = {
  ...unclear,
  exit: 46,
  name: 'outcome_unknown',
  hint: /may have been billed; look at your usage at https:\/\/alltoken\.ai/,
} as const;

describe('chat ends with a code of the forties when something may have been bought', () => {
  test('40: the connection breaks in the middle', async () => {
    await expectFailure((...format) => ask(cutStream(begun), ['Hi', ...format]), {
      ...partial,
      code: 'cut_stream',
      message: /the connection broke in the middle of the answer/,
      hint: /alltoken chat -c .*"go on"/,
    });
  });

  test('40: the stream ends without a terminal signal', async () => {
    await expectFailure((...format) => ask(stream(begun), ['Hi', ...format]), {
      ...partial,
      code: 'cut_stream',
      message: /ended without a terminal signal/,
      hint: /go on/,
    });
  });

  test('40: an error in the middle of the answer', async () => {
    const reply = stream(
      begun,
      'data: {"error":{"code":"upstream_error","message":"it fell"}}\n\n',
    );
    await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
      ...partial,
      code: 'upstream_error',
      message: /it fell/,
      hint: /go on/,
    });
  });

  test('40: silence in the middle of the answer', async () => {
    const argv = ['--idle-timeout', '0.05', 'Hi'];
    await expectFailure((...format) => ask(stalledStream(begun), [...argv, ...format]), {
      ...partial,
      code: 'idle_timeout',
      message: /no byte for 0\.05 s/,
      hint: /go on/,
    });
  });

  test('40: an event that is not JSON after the first word', async () => {
    await expectFailure((...format) => ask(stream(begun, 'data: {"id":\n\n'), ['Hi', ...format]), {
      ...partial,
      code: 'bad_json',
      message: /not JSON/,
      hint: /go on/,
    });
  });

  test('40: what came is on stdout, with a line end', async () => {
    const { world } = await ask(stream(begun));
    expect(world.out()).toBe('Once upon\n');
    const json = await ask(stream(begun), ['Hi', '--json']);
    expect(json.world.json()).toMatchObject({ text: 'Once upon', model: 'gpt-5.4-mini' });
  });

  const replies: [string, Reply, string | null, RegExp, string?][] = [
    [
      'an HTML page',
      whole(200, 'text/html', '<html><title>Sign in</title></html>'),
      'html',
      /an HTML page: Sign in/,
      'req-1',
    ],
    ['nothing at all', stream(''), 'empty_reply', /sent no answer/, 'req-1'],
    ['comments only', stream(': ping\n\n: ping\n\n'), 'empty_reply', /sent no answer/, 'req-1'],
    [
      'half a JSON document',
      whole(200, 'application/json', '{"choices":['),
      'bad_json',
      /not complete JSON/,
      'req-1',
    ],
    ['an event that is not JSON', stream('data: {"id":\n\n'), 'bad_json', /not JSON/, 'req-1'],
    [
      'an error without a known meaning',
      whole(200, 'application/json', '{"message":"odd"}'),
      null,
      /odd/,
      'req-1',
    ],
  ];
  test.each(replies)(
    '41: %s in place of an answer',
    async (_what, reply, code, message, requestId) => {
      await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
        ...protocol,
        code,
        message,
        status: 200,
        ...(requestId === undefined ? {} : { requestId }),
      });
    },
  );

  test('41: a redirect is not followed', async () => {
    const reply: Reply = (response) => {
      response.writeHead(307, { location: 'https://elsewhere.example/v1?token=secret' });
      response.end();
    };
    await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
      ...protocol,
      code: 'redirect',
      message: /redirect to https:\/\/elsewhere\.example;/,
      status: 307,
    });
  });

  test('46: the connection is lost after the request', async () => {
    await expectFailure((...format) => ask(lostReply, ['Hi', ...format]), {
      ...unknown,
      code: 'ECONNRESET',
      message: /broke before a response arrived/,
    });
  });

  test('46: no first byte in time', async () => {
    const argv = ['--first-byte-timeout', '0.5', 'Hi'];
    await expectFailure((...format) => ask(() => {}, [...argv, ...format]), {
      ...unknown,
      code: 'first_byte_timeout',
      message: /no first byte within 0\.5 s/,
    });
  });

  test('46: --timeout before an answer', async () => {
    // It counts from the start: the request must have left before, also on a busy machine.
    await expectFailure((...format) => ask(() => {}, ['--timeout', '0.5', 'Hi', ...format]), {
      ...unknown,
      code: 'total_timeout',
      message: /not finished within --timeout 0\.5 s/,
    });
  });

  test('46: nothing but keep-alive comments', async () => {
    const reply: Reply = (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream', 'x-request-id': 'req-1' });
      const timer = setInterval(() => response.write(': ping\n\n'), 10);
      response.on('close', () => clearInterval(timer));
    };
    const home = { 'config.json': { timeouts: { comments: 0.1 } } };
    await expectFailure((...format) => ask(reply, ['Hi', ...format], { home }), {
      ...unknown,
      code: 'comments_timeout',
      message: /nothing but keep-alive comments for 0\.1 s/,
      status: 200,
      requestId: 'req-1',
    });
  });

  test('46: no first byte within the time of the config', async () => {
    const home = { 'config.json': { timeouts: { first_byte: 0.5 } } };
    const { code } = await ask(() => {}, ['Hi'], { home });
    expect(code).toBe(46);
  });

  test('41: one event above 64 MB', async () => {
    const { code, world } = await ask(stream(`data: ${'x'.repeat(68_000_000)}`), ['Hi', '--json']);
    expect(code).toBe(41);
    expect(world.json().error).toMatchObject({ code: 'too_large' });
  });

  test.each<[string, string]>([
    [
      'a comment behind [DONE]',
      `${chunk({ content: 'Hello' })}${chunk({}, 'stop')}data: [DONE]\n\n}: ${'x'.repeat(68_000_000)}`,
    ],
    [
      'an event behind the finish reason',
      `${chunk({ content: 'Hello' })}${chunk({}, 'stop')}data: ${'x'.repeat(68_000_000)}`,
    ],
  ])('0: %s that is too large costs the cost at most', async (_, body) => {
    // The wait for the cost ends by no clock.
    const { code, world } = await ask(stream(body), ['Hi', '--json'], { timers: 'by hand' });
    expect(code).toBe(0);
    expect(world.json()).toMatchObject({
      text: 'Hello',
      cost: { amount: null, source: 'unknown' },
      warnings: [expect.stringContaining('more than 64 MB behind the answer')],
    });
  });

  test.each([502, 503, 504])('46: a %d page of some proxy is no verdict', async (status) => {
    const page = '<html><head><title>Gateway Time-out</title></head></html>';
    await expectFailure((...format) => ask(whole(status, 'text/html', page), ['Hi', ...format]), {
      ...unknown,
      code: null,
      message: /an HTML page: Gateway Time-out/,
      status,
      requestId: 'req-1',
    });
  });
});

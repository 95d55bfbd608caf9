import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import { ask, deadBaseUrl, envelope, stream, whole } from '../../helpers/ask.ts';
import { expectFailure, expectJsonFailure } from '../../helpers/expect-failure.ts';

const theirs = { retryable: true, billed: 'no', inLedger: true } as const;

/** Takes connections and never says a word, so that TLS never comes about. */
async function silentPort(): Promise<number> {
  const server = createServer(() => {});
  const sockets = new Set<{ destroy(): void }>();
  server.on('connection', (socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  const address = server.address();
  return typeof address === 'object' && address !== null ? address.port : 0;
}

describe('chat ends with a code of the thirties when the same may work later', () => {
  test('30: too many requests, also the third time', async () => {
    await expectFailure((...format) => ask(envelope(429, 'rate_limited'), ['Hi', ...format]), {
      ...theirs,
      exit: 30,
      name: 'rate_limited',
      code: 'rate_limited',
      message: /it is rate_limited \(after 3 tries\)/,
      hint: /wait .*nothing was bought/,
      status: 429,
      requestId: 'req-err',
      requests: 3,
    });
  });

  test('30: a Retry-After above the cap is not slept through', async () => {
    const reply = envelope(429, 'rate_limited', { 'retry-after': '61' });
    await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
      ...theirs,
      exit: 30,
      name: 'rate_limited',
      code: 'rate_limited',
      message: /it is rate_limited/,
      hint: /wait 61 s.*--max-retry-wait 61/,
      status: 429,
      requestId: 'req-err',
      requests: 1,
    });
  });

  test('31: no provider, also the third time', async () => {
    const reply = envelope(503, 'all_providers_failed');
    await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
      ...theirs,
      exit: 31,
      name: 'upstream',
      code: 'all_providers_failed',
      message: /it is all_providers_failed \(after 3 tries\)/,
      hint: /--fallback gpt-5/,
      status: 503,
      requestId: 'req-err',
      requests: 3,
    });
  });

  test.each([500, 502, 504])(
    '31: a %d in the envelope is a verdict, asked once',
    async (status) => {
      await expectFailure((...format) => ask(envelope(status, 'server_error'), ['Hi', ...format]), {
        ...theirs,
        exit: 31,
        name: 'upstream',
        code: 'server_error',
        message: /it is server_error/,
        hint: /run the same command again later/,
        status,
        requestId: 'req-err',
        requests: 1,
      });
    },
  );

  test('31: an error envelope under status 200', async () => {
    const body = '{"error":{"code":"upstream_error","message":"no luck","type":"api_error"}}';
    await expectFailure(
      (...format) => ask(whole(200, 'application/json', body), ['Hi', ...format]),
      {
        ...theirs,
        exit: 31,
        name: 'upstream',
        code: 'upstream_error',
        message: /no luck/,
        hint: /again later/,
        status: 200,
        requestId: 'req-1',
        requests: 1,
      },
    );
  });

  test('31: an error as the first event of the stream', async () => {
    const reply = stream(
      'event: error\ndata: {"error":{"code":"upstream_error","message":"no luck"}}\n\n',
    );
    await expectFailure((...format) => ask(reply, ['Hi', ...format]), {
      ...theirs,
      exit: 31,
      name: 'upstream',
      code: 'upstream_error',
      message: /no luck/,
      hint: /again later/,
      status: 200,
      requestId: 'req-1',
      requests: 1,
    });
  });

  test('32: nobody listens, tried three times', async () => {
    const ALLTOKEN_BASE_URL = await deadBaseUrl();
    const run = (...format: string[]) =>
      ask(() => {}, ['Hi', ...format], { env: { ALLTOKEN_BASE_URL } });
    await expectFailure(run, {
      ...theirs,
      exit: 32,
      name: 'network',
      code: 'ECONNREFUSED',
      message: /cannot reach http:\/\/127\.0\.0\.1:\d+: connection refused \(after 3 tries\)/,
      hint: /ALLTOKEN_BASE_URL leads to .*, or unset ALLTOKEN_BASE_URL$/,
      requests: 0,
    });
    const { world } = await run('--json');
    expect(world.json().attempts).toBe(3);
    expect(world.sleeps).toHaveLength(2);
  });

  test('32: a name that nobody has', async () => {
    const env = { ALLTOKEN_BASE_URL: 'https://no-such-host.invalid/v1' };
    await expectFailure((...format) => ask(() => {}, ['Hi', ...format], { env }), {
      ...theirs,
      exit: 32,
      name: 'network',
      code: /^(ENOTFOUND|EAI_AGAIN|EAI_FAIL)$/,
      message: /cannot reach https:\/\/no-such-host\.invalid: /,
      hint: /check the connection/,
      requests: 0,
    });
  });

  test('33: no connection in time', async () => {
    const env = { ALLTOKEN_BASE_URL: `https://127.0.0.1:${await silentPort()}/v1` };
    const argv = ['--connect-timeout', '0.05', 'Hi'];
    await expectJsonFailure((...format) => ask(() => {}, [...argv, ...format], { env }), {
      ...theirs,
      exit: 33,
      name: 'timeout',
      code: 'connect_timeout',
      message: /cannot reach https:\/\/127\.0\.0\.1:\d+: the connection timed out/,
      hint: /--connect-timeout 60/,
      requests: 0,
    });
  });
});

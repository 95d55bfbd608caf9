/** Requests as few clients write them, and as proxies and old programs do: each gets its answer, and the server goes on. */
import { connect, type Socket } from 'node:net';
import { describe, expect, test } from 'vitest';
import { answerWell, worldAt } from '../helpers/ask.ts';
import { startServer } from '../helpers/server.ts';
import { hello, raw, type ServedProxy, send, startProxy } from '../helpers/serving.ts';

async function proxy(...argv: string[]) {
  const server = await startServer(answerWell);
  return { ...(await startProxy(worldAt(server), ...argv)), server };
}

function written({ token }: ServedProxy, first: string, body: object, more = ''): string {
  const text = JSON.stringify(body);
  return `${first}\r\nHost: localhost\r\nAuthorization: Bearer ${token}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(text)}\r\n${more}\r\n${text}`;
}

describe('HTTP/1.0', () => {
  test.each([
    ['chat/completions', hello({ stream: true })],
    ['responses', { model: 'gpt-5.4-mini', input: 'Hi', stream: true }],
  ])(
    'a stream of %s comes without chunks and trailers, and the server goes on',
    async (path, body) => {
      const at = await proxy();
      const reply = await raw(at.port, written(at, `POST /v1/${path} HTTP/1.0`, body));
      const [head = '', ...rest] = reply.split('\r\n\r\n');
      expect(head).toMatch(/^HTTP\/1\.1 200 OK/);
      expect(head).not.toMatch(/^(transfer-encoding|trailer):/im);
      expect(Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString()).toContain('data: [DONE]\n\n');
      expect((await send(at, { body: hello() })).status).toBe(200);
      expect(at.world.ledger()).toHaveLength(4);
    },
  );

  test('without a stream there is nothing to leave out', async () => {
    const at = await proxy();
    const reply = await raw(at.port, written(at, 'POST /v1/chat/completions HTTP/1.0', hello()));
    expect(reply).toMatch(/^x-alltoken-cost: 0\.0000188000\r$/m);
  });
});

describe('a valid request with something behind it that is none', () => {
  const garbage = 'NOT HTTP AT ALL\r\n\r\n';

  test.each([
    ['in one piece', hello(), false],
    ['in one piece, as a stream', hello({ stream: true }), false],
    ['later', hello(), true],
  ])(
    '%s: its reply comes first, and a refusal behind it, if at all',
    async (_how, body, isLater) => {
      let socket: Socket | null = null;
      const server = await startServer((response, request, nth) => {
        if (isLater) socket?.write(garbage);
        setImmediate(() => setImmediate(() => answerWell(response, request, nth)));
      });
      const at = await startProxy(worldAt(server));
      const request = written(at, 'POST /v1/chat/completions HTTP/1.1', body);
      const reply = await new Promise<string>((resolve) => {
        let back = '';
        socket = connect(at.port, '127.0.0.1', () =>
          socket?.write(isLater ? request : `${request}${garbage}`),
        );
        socket.on('data', (bytes) => {
          back += bytes.toString('latin1');
        });
        socket.on('close', () => resolve(back));
      });
      const [first, second = ' 400 ', ...more] = reply.match(/^HTTP.*(?=\r$)/gm) ?? [];
      expect([first, more]).toEqual(['HTTP/1.1 200 OK', []]);
      expect(second).toContain(' 400 ');
      expect(reply.indexOf('0.0000188000')).toBeGreaterThan(0);
      expect(reply.split(' 400 ')[0]).toContain('0.0000188000');
      expect(at.world.ledger()).toHaveLength(2);
      expect((await send(at, { body: hello() })).status).toBe(200);
    },
  );
});

describe('the target', () => {
  test.each(['chat/completions', 'responses', 'messages', 'embeddings'])(
    'of %s keeps its query',
    async (path) => {
      const at = await proxy();
      const query = '?beta=true&api-version=2%2F1';
      await send(at, { path: `/v1/${path}${query}`, body: hello({ input: 'x' }) });
      expect(at.server.requests.map((one) => one.path)).toEqual([`/v1/${path}${query}`]);
    },
  );

  test.each([
    ['//v1/chat/completions', '/v1/chat/completions'],
    ['/v1//chat/completions', '/v1/chat/completions'],
    ['/v1/v1/chat/completions', '/v1/chat/completions'],
    ['/chat/completions', '/v1/chat/completions'],
    ['/v1/models/', '/v1/models'],
    ['//any.example/v1/chat/completions', null],
    ['/v2/nothing', null],
  ])('%s is not served, and the right one is named', async (path, meant) => {
    const at = await proxy();
    const { status, json } = await send(at, { path, body: hello() });
    expect(status).toBe(404);
    const { message, alltoken } = (json?.error ?? {}) as {
      message: string;
      alltoken: { hint: unknown };
    };
    expect(message).toContain(path);
    expect(alltoken.hint).toBe(
      meant === null ? null : `set the base URL so that the path is ${meant}`,
    );
    expect(at.server.requests).toEqual([]);
  });
});

/** Sends all of it before it reads anything, as most clients in other languages do. Resolves to what it could read. */
function sendFirst(port: number, text: string): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, '127.0.0.1');
    socket.pause();
    let back = '';
    socket.on('data', (bytes) => {
      back += bytes.toString('latin1');
    });
    socket.on('error', reject);
    socket.on('close', () => resolve(back));
    socket.write(text, () => socket.resume());
  });
}

describe('a large body that is refused', () => {
  // More than the system holds for both ends.
  const large = { ...hello(), user: 'x'.repeat(32_000_000) };

  test.each([
    ['too large', 413, {}],
    ['without a route', 404, { path: '/v1/nothing' }],
    ['without the token', 401, { token: 'none' }],
  ])('%s: a client that sends all before it reads gets its answer', async (_why, status, how) => {
    const { path = '/v1/chat/completions', token } = how as { path?: string; token?: string };
    const at = await proxy('--max-body', '1K');
    const text = written(
      { ...at, ...(token !== undefined && { token }) },
      `POST ${path} HTTP/1.1`,
      large,
    );
    expect(await sendFirst(at.port, text)).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(at.server.requests).toEqual([]);
  });
});

describe('a body', () => {
  const plain = '"model":"gpt-5.4-mini","messages":[{"role":"user","content":"Hi"}]';

  test('passes with all its numbers and fields as they are', async () => {
    const at = await proxy();
    const odd =
      '"seed":12345678901234567890123,"x":1e400,"y":-0,"z":0.10000000000000000555,"__proto__":{"stream":true},"a":"\\ud800"';
    const options = '{ "n":12345678901234567890, "include_usage":false}';
    await send(at, { body: `{${plain},${odd},"stream":true,"stream_options":${options}}` });
    expect(at.server.requests[0]?.body).toBe(
      `{${plain},${odd},"stream":true,"stream_options":${options.replace('false', 'true')}}`,
    );
  });

  test.each([
    ['null', ''],
    ['[1]', ''],
    ['{"include_obfuscation":false}', '"include_obfuscation":false,'],
  ])('with stream_options %s gets the usage', async (options, kept) => {
    const at = await proxy();
    await send(at, { body: `{${plain},"stream":true,"stream_options":${options}}` });
    expect(at.server.requests[0]?.body).toBe(
      `{${plain},"stream":true,"stream_options":{${kept}"include_usage":true}}`,
    );
  });

  test.each(['chat/completions', 'responses', 'messages', 'embeddings', 'images/generations'])(
    'of %s that readers take in two ways is refused',
    async (path) => {
      const at = await proxy('--model-allow', 'gpt-*');
      for (const double of [
        '"model":"dear","model":"gpt-5.4-mini"',
        '"model":"gpt-5.4-mini","mod\\u0065l":"gpt-5.4-mini"',
        '"model":"gpt-5.4-mini","Model":"dear"',
        '"model":"gpt-5.4-mini","max_tokens":9999999,"MAX_TOKEN\u017f":1',
      ]) {
        const reply = await send(at, { path: `/v1/${path}`, body: `{${double},"messages":[]}` });
        expect(reply).toMatchObject({
          status: 400,
          json: { error: { message: expect.stringContaining('twice') } },
        });
      }
      expect(at.server.requests).toEqual([]);
    },
  );

  test.each([
    ['a byte that begins nothing', [0xff]],
    ['half a surrogate pair', [0xed, 0xa0, 0x80]],
  ])('that is not UTF-8 is refused: %s', async (_what, bytes) => {
    const at = await proxy();
    const text = Buffer.concat([
      Buffer.from('{"model":"gpt-5.4-mini","messages":[{"role":"user","content":"'),
      Buffer.from(bytes),
      Buffer.from('"}]}'),
    ]);
    const head = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${at.token}\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: ${text.length}\r\n\r\n`;
    const reply = await raw(at.port, Buffer.concat([Buffer.from(head), text]));
    expect(reply).toMatch(/^HTTP\/1\.1 400 /);
    expect(at.server.requests).toEqual([]);
  });
});

/** Requests as few clients write them, and as proxies and old programs do: each gets its answer, and the server goes on. */
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
  ])('a stream of %s comes without chunks and trailers, and the server goes on', async (path, body) => {
    const at = await proxy();
    const reply = await raw(at.port, written(at, `POST /v1/${path} HTTP/1.0`, body));
    const [head = '', ...rest] = reply.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK/);
    expect(head).not.toMatch(/^(transfer-encoding|trailer):/im);
    expect(Buffer.from(rest.join('\r\n\r\n'), 'latin1').toString()).toContain('data: [DONE]\n\n');
    expect((await send(at, { body: hello() })).status).toBe(200);
    expect(at.world.ledger()).toHaveLength(4);
  });

  test('without a stream there is nothing to leave out', async () => {
    const at = await proxy();
    const reply = await raw(at.port, written(at, 'POST /v1/chat/completions HTTP/1.0', hello()));
    expect(reply).toMatch(/^x-alltoken-cost: 0\.0000188000\r$/m);
  });
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
    const { message, alltoken } = json?.error as { message: string; alltoken: { hint: unknown } };
    expect(message).toContain(path);
    expect(alltoken.hint).toBe(
      meant === null ? null : `set the base URL so that the path is ${meant}`,
    );
    expect(at.server.requests).toEqual([]);
  });
});

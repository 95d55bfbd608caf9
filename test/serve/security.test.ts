/** Attacks on the proxy: over raw connections, as no client would write them. */
import { generateKeyPairSync } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { request as httpsRequest } from 'node:https';
import { connect } from 'node:net';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { listen } from '../../src/serve/server.ts';
import { answerWell, secretKey, worldAt } from '../helpers/ask.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { startServer } from '../helpers/server.ts';
import { hello, raw, type ServedProxy, send, startProxy } from '../helpers/serving.ts';

async function proxy(...argv: string[]): Promise<ServedProxy> {
  return startProxy(worldAt(await startServer(answerWell)), ...argv);
}

const body = JSON.stringify(hello());

/** A request with these lines of headers behind the usual ones. */
function written({ port, token }: ServedProxy, lines: string[] = [], host?: string): string {
  return [
    'POST /v1/chat/completions HTTP/1.1',
    `Host: ${host ?? `127.0.0.1:${port}`}`,
    `Authorization: Bearer ${token}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    'Connection: close',
    ...lines,
    '',
    body,
  ].join('\r\n');
}

const statusOf = (reply: string): number => Number(reply.slice(9, 12));

describe('the token', () => {
  test.each([
    ['none', {}],
    ['another one', { authorization: 'Bearer 0123456789abcdef0123456789abcdef' }],
    ['a beginning of it', 'beginning'],
    ['no scheme', 'bare'],
    ['an empty one', { authorization: 'Bearer ' }],
  ])('is needed: %s is 401', async (_name, headers) => {
    const at = await proxy();
    const given =
      headers === 'beginning'
        ? { authorization: `Bearer ${at.token.slice(0, 63)}` }
        : headers === 'bare'
          ? { authorization: at.token }
          : headers;
    const text = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: 2\r\n${Object.entries(
      given,
    )
      .map(([name, value]) => `${name}: ${value}\r\n`)
      .join('')}\r\n{}`;
    const reply = await raw(at.port, text);
    expect(statusOf(reply)).toBe(401);
    expect(reply).toContain('proxy_token');
    expect(reply).not.toContain(at.token);
  });

  test('may come as Anthropic clients send it', async () => {
    const at = await proxy();
    const reply = await send(at, {
      body: hello(),
      headers: { authorization: '', 'x-api-key': at.token },
    });
    expect(reply.status).toBe(200);
  });

  test('is long and new each time', async () => {
    const [one, other] = [await proxy(), await proxy()];
    expect(one.token).toMatch(/^[0-9a-f]{64}$/);
    expect(one.token).not.toBe(other.token);
  });

  test('can be left out on this machine, and nowhere else', async () => {
    const at = await proxy('--no-token');
    expect((await send({ ...at, token: '' }, { body: hello() })).status).toBe(200);
    const world = fakeDeps({ env: { ALLTOKEN_API_KEY: secretKey } });
    expect(await world.run('serve', '--host', '0.0.0.0', '--no-token', '--port', '0')).toBe(2);
    expect(world.err()).toContain('token_needed');
  });

  test('of the environment has to be long', async () => {
    const world = fakeDeps({ env: { ALLTOKEN_API_KEY: secretKey, ALLTOKEN_SERVE_TOKEN: 'short' } });
    expect(await world.run('serve', '--port', '0')).toBe(2);
    const token = 'a-token-of-at-least-32-characters!';
    const server = await startServer(answerWell);
    const at = await startProxy(worldAt(server, { env: { ALLTOKEN_SERVE_TOKEN: token } }));
    expect(at.token).toBe(token);
    expect((await send(at, { body: hello() })).status).toBe(200);
  });
});

describe('the Host', () => {
  test.each([
    'evil.example',
    'evil.example:80',
    '127.0.0.1.evil.example',
    '10.0.0.1',
    'localhost.evil',
    '',
  ])('%j is refused', async (host) => {
    const at = await proxy();
    const reply = await raw(at.port, written(at, [], host));
    expect([400, 403]).toContain(statusOf(reply));
    expect(at.world.ledger()).toEqual([]);
  });

  test.each([
    'localhost',
    '127.0.0.1:9',
    'LOCALHOST:1',
    '[::1]:80',
    'tokens.example',
    'tokens.example.:80',
  ])('%s is accepted', async (host) => {
    const at = await proxy('--allow-host', 'tokens.example');
    expect(statusOf(await raw(at.port, written(at, [], host)))).toBe(200);
  });

  test('of another name is refused on all addresses, too; an address is accepted', async () => {
    const at = await proxy('--host', '0.0.0.0');
    expect(statusOf(await raw(at.port, written(at, [], 'evil.example')))).toBe(403);
    expect(statusOf(await raw(at.port, written(at, [], '10.1.2.3:80')))).toBe(200);
  });

  test('is needed, and the target is a path', async () => {
    const at = await proxy();
    const without = written(at).replace(/Host: .*\r\n/, '');
    expect(statusOf(await raw(at.port, without))).toBe(400);
    expect(statusOf(await raw(at.port, without.replace('HTTP/1.1', 'HTTP/1.0')))).toBe(403);
    const absolute = written(at).replace('/v1/chat', 'http://evil.example/v1/chat');
    expect(statusOf(await raw(at.port, absolute))).toBe(400);
  });
});

describe('a web page', () => {
  test.each([
    'Origin: https://evil.example',
    'Origin: null',
    'Origin: http://127.0.0.1',
    'Sec-Fetch-Site: cross-site',
  ])('cannot call it: %s', async (line) => {
    const at = await proxy();
    const reply = await raw(at.port, written(at, [line]));
    expect(statusOf(reply)).toBe(403);
    expect(reply.toLowerCase()).not.toContain('access-control-allow-origin');
    expect(at.world.ledger()).toEqual([]);
  });

  test('of an allowed origin can, and its preflight needs no token', async () => {
    const at = await proxy('--cors', 'https://app.example');
    const origin = 'https://app.example';
    const preflight = await send(
      { ...at, token: '' },
      { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } },
    );
    expect(preflight.status).toBe(204);
    expect(preflight.headers).toMatchObject({ 'access-control-allow-origin': origin });
    const reply = await send(at, {
      body: hello(),
      headers: { origin, 'sec-fetch-site': 'cross-site' },
    });
    expect(reply.status).toBe(200);
    expect(reply.headers).toMatchObject({ 'access-control-allow-origin': origin, vary: 'origin' });
    const other = await send(at, {
      body: hello(),
      headers: { origin: 'https://app.example.evil' },
    });
    expect(other.status).toBe(403);
    const without = await send({ ...at, token: 'x' }, { body: hello(), headers: { origin } });
    expect(without.status).toBe(401);
  });

  test('cannot send a form', async () => {
    const at = await proxy();
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data',
      '',
    ]) {
      const reply = await send(at, { body, headers: { 'content-type': type } });
      expect(reply).toMatchObject({ status: 415, json: { error: { code: 'content_type' } } });
    }
    const typed = await send(at, {
      body,
      headers: { 'content-type': 'Application/JSON; charset=utf-8' },
    });
    expect(typed.status).toBe(200);
  });
});

describe('the bounds', () => {
  test('a body is not larger than --max-body, whether it says so or not', async () => {
    const at = await proxy('--max-body', '1K');
    const large = JSON.stringify(hello({ user: 'x'.repeat(2000) }));
    expect((await send(at, { body: large })).status).toBe(413);
    const chunked = `POST /v1/chat/completions HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer ${at.token}\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n${'ff\r\n'}${'x'.repeat(255)}\r\n`;
    const reply = await raw(
      at.port,
      `${chunked}${'ff\r\n'}${'x'.repeat(255)}\r\n${'fff\r\n'}${'x'.repeat(4095)}\r\n`,
    );
    expect(statusOf(reply)).toBe(413);
    const packed = await send(at, { body, headers: { 'content-encoding': 'gzip' } });
    expect(packed.status).toBe(415);
  });

  test('headers are not larger than 16 KB', async () => {
    const at = await proxy();
    const reply = await raw(at.port, written(at, [`X-Filler: ${'x'.repeat(17 * 1024)}`]));
    expect(statusOf(reply)).toBe(431);
    expect(reply).toContain('headers_too_large');
  });

  test.each([
    ['no HTTP', 'hello\r\n\r\n'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n'],
    [
      'a length and chunks',
      'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
    ],
    ['bytes', '\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03'],
  ])('what is no request is 400: %s', async (_name, text) => {
    const at = await proxy();
    const reply = await raw(at.port, text, { end: true });
    expect(statusOf(reply)).toBe(400);
  });

  test('headers that do not come in time end the connection, and there are only so many', async () => {
    const { clock } = fakeDeps().deps;
    const server = await listen((_request, response) => response.end('ok'), {
      host: '127.0.0.1',
      port: 0,
      tls: null,
      clock,
      bounds: { headersMs: 100, connections: 2 },
    });
    const slow = [
      raw(server.port, 'GET / HTTP/1.1\r\nX-Slow: '),
      raw(server.port, 'GET / HTTP/1.1\r\n'),
    ];
    for (const reply of await Promise.all(slow)) expect(statusOf(reply)).toBe(408);
    const held = [raw(server.port, 'GET /'), raw(server.port, 'GET /')];
    expect(await raw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\n\r\n')).toBe('');
    await Promise.all(held);
    await server.close(0);
  });

  test('a refused client that never closes its side does not keep its place', async () => {
    const due: (() => void)[] = [];
    const after = (_ms: number, work: () => void) => {
      due.push(work);
      return () => {};
    };
    const server = await listen((_request, response) => response.end('ok'), {
      host: '127.0.0.1',
      port: 0,
      tls: null,
      clock: { after },
      bounds: { headersMs: 100, connections: 1 },
    });
    const silent = connect({ port: server.port, host: '127.0.0.1', allowHalfOpen: true });
    silent.on('error', () => {});
    while (due.length === 0) await new Promise((resolve) => setImmediate(resolve));
    const ask = () => raw(server.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n');
    expect(await ask()).toBe('');
    for (const work of due) work();
    let reply = '';
    for (let tries = 0; reply === '' && tries < 500; tries += 1) reply = await ask();
    expect(statusOf(reply)).toBe(200);
    silent.destroy();
    await server.close(0);
  });

  test.each([
    ['GET', '/v1/chat/completions', 405],
    ['POST', '/v1/nothing', 404],
    ['GET', '/alltoken/v1/calls/none', 404],
    ['GET', '/alltoken/v1/calls/..%2f..%2fetc', 404],
    ['GET', '/../../etc/passwd', 404],
    ['GET', '/', 404],
  ])('%s %s is %i', async (method, path, status) => {
    const at = await proxy();
    expect(await send(at, { method, path })).toMatchObject({ status, json: { error: {} } });
  });

  test.each([
    ['x-alltoken-tag', 'a b'],
    ['x-alltoken-tag', '../x'],
    ['x-alltoken-tag', ''],
    ['x-alltoken-tag', ','],
    ['x-alltoken-max-cost', '-1'],
    ['x-alltoken-max-cost', '1e9'],
    ['x-alltoken-max-cost', ''],
    ['x-alltoken-session', 'a b'],
    ['x-alltoken-session', ''],
    ['x-alltoken-session', 'x'.repeat(101)],
  ])('%s: %s is refused', async (name, value) => {
    const at = await proxy();
    const reply = await send(at, { body: hello(), headers: { [name]: value } });
    expect(reply).toMatchObject({ status: 400, json: { error: { code: 'bad_header' } } });
    expect(at.world.ledger()).toEqual([]);
  });
});

test('its health can be asked by anybody, and says nothing else', async () => {
  const at = await proxy();
  const reply = await raw(
    at.port,
    'GET /healthz HTTP/1.1\r\nHost: probe\r\nConnection: close\r\n\r\n',
  );
  expect(statusOf(reply)).toBe(200);
  expect(reply).toMatch(/\r\n\r\n\{"status":"ok"\}$/);
});

test('its health is read and nothing else, and another method does not say that it stops', async () => {
  const at = await proxy();
  const reply = await send(at, { method: 'POST', path: '/healthz' });
  expect([reply.status, reply.headers.allow]).toEqual([405, 'GET, HEAD']);
  expect(reply.json).toMatchObject({ error: { code: 'method' } });
});

test('neither key nor token nor prompt is printed or written, also with -v', async () => {
  const at = await proxy('-v');
  await send(at, {
    body: hello({ messages: [{ role: 'user', content: 'a very private prompt' }] }),
  });
  await send(at, { path: '/v1/x?key=private-query' });
  await at.stop();
  const shown = at.world.err();
  expect(shown).toContain('POST /v1/chat/completions 200');
  for (const secret of [secretKey, at.token, 'private']) {
    expect(shown).not.toContain(secret);
    expect(JSON.stringify(at.world.ledger())).not.toContain(secret);
  }
});

test('it serves HTTPS with a certificate', async () => {
  const folder = join(import.meta.dirname, '../fixtures/tls');
  const server = await startServer(answerWell);
  const world = worldAt(server);
  const cert = world.write('cert.pem', readFileSync(join(folder, 'self-signed.crt')));
  const key = world.write('key.pem', readFileSync(join(folder, 'self-signed.key')));
  const at = await startProxy(world, '--tls-cert', cert, '--tls-key', key);
  expect(at.url).toMatch(/^https:/);
  const status = await new Promise((resolve, reject) => {
    httpsRequest({ port: at.port, path: '/healthz', rejectUnauthorized: false }, (reply) => {
      reply.resume();
      resolve(reply.statusCode);
    })
      .on('error', reject)
      .end();
  });
  expect(status).toBe(200);
  const alone = fakeDeps({ env: { ALLTOKEN_API_KEY: secretKey } });
  expect(await alone.run('serve', '--tls-cert', cert)).toBe(2);
});

test.each([
  ['a key as the certificate', 'key', 'key', 'cert.pem is not a certificate'],
  ['a certificate as the key', 'cert', 'cert', 'key.pem is not a private key'],
  ['the key of another one', 'cert', 'other', 'not the key of the certificate'],
  ['a key with a passphrase', 'cert', 'locked', 'it needs a passphrase'],
  ['nothing', 'empty', 'key', 'cert.pem is not a certificate'],
])('it does not start with %s', async (_what, cert, key, words) => {
  const folder = join(import.meta.dirname, '../fixtures/tls');
  const [publicKey, privateKey] = ['spki', 'pkcs8'] as const;
  const ec = (cipher?: object): string =>
    generateKeyPairSync('ec', {
      namedCurve: 'prime256v1',
      publicKeyEncoding: { type: publicKey, format: 'pem' },
      privateKeyEncoding: { type: privateKey, format: 'pem', ...cipher },
    }).privateKey;
  const pem: Record<string, () => string | Uint8Array> = {
    cert: () => readFileSync(join(folder, 'self-signed.crt')),
    key: () => readFileSync(join(folder, 'self-signed.key')),
    other: () => ec(),
    locked: () => ec({ cipher: 'aes-256-cbc', passphrase: 'x' }),
    empty: () => '',
  };
  const world = worldAt(await startServer(answerWell));
  const files = Object.entries({ cert, key }).map(([name, what]) =>
    world.write(`${name}.pem`, pem[what]?.() ?? ''),
  );
  const flags = ['--tls-cert', files[0] ?? '', '--tls-key', files[1] ?? ''];
  expect(await world.run('serve', '--port', '0', ...flags)).toBe(2);
  expect(world.err()).toContain(words);
});

test('a taken port is 50', async () => {
  const at = await proxy();
  const world = fakeDeps({ env: { ALLTOKEN_API_KEY: secretKey } });
  expect(await world.run('serve', '--port', String(at.port))).toBe(50);
  expect(world.err()).toContain('EADDRINUSE');
});

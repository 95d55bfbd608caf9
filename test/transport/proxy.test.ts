import { describe, expect, test } from 'vitest';
import { readProxySettings } from '../../src/transport/proxy-settings.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { startProxy } from '../helpers/proxy.ts';
import { startServer } from '../helpers/server.ts';
import { KEY, send } from './send.ts';
import { closedPort, listen, listenTls } from './sockets.ts';

/** Resolves nowhere, so whatever arrives came through the proxy. */
const plain = 'http://gateway.invalid/v1/models?page=1';
const secure = 'https://gateway.invalid/v1/chat/completions';

async function world(credentials?: string) {
  const server = await startServer((response) => void response.end('hello'));
  const tls = await listenTls(() => {});
  const forHttp = await startProxy({
    upstreamPort: server.port,
    ...(credentials ? { credentials } : {}),
  });
  const forHttps = await startProxy({
    upstreamPort: tls.port,
    ...(credentials ? { credentials } : {}),
  });
  return { server, tls, forHttp, forHttps };
}

describe('a plain request', () => {
  test.each(['HTTP_PROXY', 'http_proxy'])('goes through %s', async (name) => {
    const { server, forHttp } = await world();
    const sent = await send(plain, { env: { [name]: `http://${forHttp.address}` } });
    expect(sent).toMatchObject({ status: 200, body: 'hello', tries: 1 });
    expect(forHttp.asked).toEqual([`POST ${plain}`]);
    expect(server.requests[0]).toMatchObject({
      path: '/v1/models?page=1',
      body: '{"model":"m"}',
      headers: { host: 'gateway.invalid', authorization: `Bearer ${KEY}` },
    });
  });

  test('does not go through HTTPS_PROXY', async () => {
    const { forHttps } = await world();
    const sent = await send(plain, { env: { HTTPS_PROXY: `http://${forHttps.address}` } });
    expect(sent.error?.exit).toBe('network');
    expect(forHttps.asked).toEqual([]);
  });
});

/** The certificate that answers is one that nobody signed: the handshake went through the tunnel to the server. */
const throughTunnel = {
  exit: 'network',
  details: { code: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
};

describe('a TLS request', () => {
  test.each(['HTTPS_PROXY', 'https_proxy', 'HTTP_PROXY', 'http_proxy'])(
    'goes through a tunnel of %s, and the proxy sees no key',
    async (name) => {
      const { tls, forHttps } = await world();
      const sent = await send(secure, { env: { [name]: `http://${forHttps.address}` } });
      expect(sent.error).toMatchObject(throughTunnel);
      expect(forHttps.asked).toEqual(['CONNECT gateway.invalid:443']);
      expect(JSON.stringify(forHttps.headers)).not.toContain(KEY);
      expect(tls.connections()).toBe(1);
    },
  );

  test('takes HTTPS_PROXY before HTTP_PROXY', async () => {
    const { forHttp, forHttps } = await world();
    const env = { HTTPS_PROXY: forHttps.address, HTTP_PROXY: forHttp.address };
    expect((await send(secure, { env })).error).toMatchObject(throughTunnel);
    expect([forHttp.asked.length, forHttps.asked.length]).toEqual([0, 1]);
  });
});

describe('a proxy', () => {
  test('may be written without a scheme', async () => {
    const { forHttp, forHttps } = await world();
    const env = { HTTP_PROXY: forHttp.address, HTTPS_PROXY: forHttps.address };
    expect(await send(plain, { env })).toMatchObject({ status: 200 });
    expect((await send(secure, { env })).error).toMatchObject(throughTunnel);
  });

  test('has one connection for each server, which later requests use again', async () => {
    const proxy = await listen((socket) =>
      socket.on('data', () => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok')),
    );
    const alone = fakeDeps({ env: { HTTP_PROXY: `127.0.0.1:${proxy.port}` } });
    const network = await alone.deps.openNetwork({ connectTimeoutMs: 10_000 });
    const world = { ...alone, deps: { ...alone.deps, openNetwork: async () => network } };
    const connections: number[] = [];
    const get = async (...names: string[]): Promise<void> => {
      for (const sent of await Promise.all(
        names.map((name) => send(`http://${name}.invalid/`, { world, paid: false })),
      ))
        expect(sent).toMatchObject({ status: 200, body: 'ok' });
      connections.push(proxy.connections());
      // A connection is free once the loop has turned.
      await new Promise((resolve) => setImmediate(resolve));
    };
    await get('one', 'two');
    for (const name of ['one', 'two', 'two', 'one', 'three', 'one']) await get(name);
    expect(connections).toEqual([2, 2, 2, 2, 2, 3, 3]);
  });

  test('may have no port', async () => {
    const env = { HTTPS_PROXY: 'http://proxy.invalid/', HTTP_PROXY: 'me:pw@proxy.invalid' };
    const { proxyFor } = readProxySettings(env);
    expect(proxyFor(new URL(secure))?.origin).toBe('http://proxy.invalid');
    expect(proxyFor(new URL(plain))).toMatchObject({ origin: 'http://proxy.invalid' });
  });

  test.each(['http://me:s3%40cret@', 'me:s3%40cret@'])('gets the credentials of %s', async (at) => {
    const { forHttp, forHttps } = await world('me:s3@cret');
    const env = { HTTP_PROXY: at + forHttp.address, HTTPS_PROXY: at + forHttps.address };
    expect(await send(plain, { env })).toMatchObject({ status: 200 });
    expect((await send(secure, { env })).error).toMatchObject(throughTunnel);
  });

  test.each([
    ['none', ''],
    ['wrong ones', 'me:wrong@'],
  ])('that wants credentials and gets %s is a network error, told once', async (_, at) => {
    const { tls, server, forHttp, forHttps } = await world('me:secret');
    const env = {
      HTTP_PROXY: `http://${at}${forHttp.address}`,
      HTTPS_PROXY: `http://${at}${forHttps.address}`,
    };
    for (const [url, paid] of [
      [secure, true],
      [secure, false],
      [plain, true],
      [plain, false],
    ] as const) {
      const sent = await send(url, { env, paid });
      expect(sent.error).toMatchObject({
        exit: 'network',
        billed: 'no',
        details: { code: 'proxy' },
      });
      expect(sent.error?.message).toContain('407');
      expect(sent.error?.message).not.toContain('wrong');
      expect(sent.tries).toBe(1);
    }
    expect(tls.connections()).toBe(0);
    expect(server.requests).toEqual([]);
  });

  test.each([plain, secure])('that is not there is a network error: %s', async (url) => {
    const dead = `http://127.0.0.1:${await closedPort()}`;
    const sent = await send(url, { env: { HTTP_PROXY: dead, HTTPS_PROXY: dead } });
    expect(sent.error).toMatchObject({ exit: 'network', billed: 'no' });
    expect(sent.tries).toBe(3);
  });

  test.each(['http://', 'http://[', 'ftp://127.0.0.1:1', 'socks5://127.0.0.1:1'])(
    'whose address is no good is an error of the settings: %s',
    async (address) => {
      const sent = await send(secure, { env: { HTTPS_PROXY: address } });
      expect(sent.error?.exit).toMatch(/^(no_key|network)$/);
      expect(sent.error?.message).not.toMatch(/undefined|\[object/);
    },
  );
});

describe('NO_PROXY', () => {
  test.each([
    ['NO_PROXY', '127.0.0.1'],
    ['no_proxy', '127.0.0.1'],
    ['NO_PROXY', '*'],
    ['NO_PROXY', 'example.com, 127.0.0.1'],
    ['NO_PROXY', '127.0.0.1:{port}'],
  ])('%s=%s goes around the proxy', async (name, value) => {
    const { server, forHttp } = await world();
    const env = {
      HTTP_PROXY: forHttp.address,
      [name]: value.replace('{port}', String(server.port)),
    };
    expect(await send(`${server.baseUrl}/models`, { env })).toMatchObject({ status: 200 });
    expect(forHttp.asked).toEqual([]);
  });

  test.each(['gateway.invalid', '.invalid', 'invalid', '*'])(
    '%s leaves the name to this machine',
    async (value) => {
      const { forHttp, forHttps } = await world();
      const env = {
        HTTP_PROXY: forHttp.address,
        HTTPS_PROXY: forHttps.address,
        NO_PROXY: value,
      };
      for (const url of [plain, secure])
        expect((await send(url, { env })).error?.message).toMatch(/resol/);
      expect([...forHttp.asked, ...forHttps.asked]).toEqual([]);
    },
  );

  test.each(['other.invalid', 'way.invalid', 'gateway.invalid:8080', ''])(
    '%j is about somebody else',
    async (value) => {
      const { forHttp } = await world();
      const env = { HTTP_PROXY: forHttp.address, NO_PROXY: value };
      expect(await send(plain, { env })).toMatchObject({ status: 200 });
      expect(forHttp.asked).toHaveLength(1);
    },
  );
});

describe('a gateway on this machine', () => {
  test('is reached without the proxy, which would see the key in the clear', async () => {
    const { server, forHttp } = await world();
    const sent = await send(`${server.baseUrl}/models`, { env: { HTTP_PROXY: forHttp.address } });
    expect(sent).toMatchObject({ status: 200 });
    expect(forHttp.asked).toEqual([]);
  });

  test('is never asked for through the proxy, whatever its loopback address', async () => {
    const { server, forHttp } = await world();
    for (const host of ['127.0.0.2', '127.9.9.9', 'localhost', '[::1]'])
      await send(`http://${host}:${server.port}/models`, { env: { HTTP_PROXY: forHttp.address } });
    expect(forHttp.asked).toEqual([]);
  });

  test('is reached when the proxy is not: the sandbox', async () => {
    const dead = `http://127.0.0.1:${await closedPort()}`;
    const { run, out } = fakeDeps({ env: { HTTP_PROXY: dead, HTTPS_PROXY: dead } });
    expect(await run('chat', '-g', 'sandbox', 'Hi')).toBe(0);
    expect(out()).not.toBe('');
  });
});

test('an empty proxy variable means no proxy', async () => {
  const server = await startServer((response) => void response.end('hello'));
  const env = { HTTP_PROXY: '', http_proxy: '', HTTPS_PROXY: '', https_proxy: '' };
  expect(await send(`${server.baseUrl}/models`, { env })).toMatchObject({ body: 'hello' });
});

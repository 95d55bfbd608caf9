import type { LookupAddress } from 'node:dns';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { describe, expect, onTestFinished, test } from 'vitest';
import type { SendRequest } from '../../src/base/deps.ts';
import { systemErrorCode } from '../../src/base/errors.ts';
import { publicOnly } from '../../src/transport/public-only.ts';
import { fakeDeps } from '../helpers/fake-deps.ts';
import { hintOf } from '../helpers/hint.ts';
import { textOf } from '../helpers/network.ts';
import { startProxy } from '../helpers/proxy.ts';
import { startServer, type TestServer } from '../helpers/server.ts';
import { fetchFile, fetchFrom, serveFile } from './fetch-file.ts';

function get(url: string): SendRequest {
  return { method: 'GET', url, headers: {}, paid: false, signal: new AbortController().signal };
}

/** What a plain request comes to, past every check of the address itself. */
async function reach(
  url: string,
  exceptHost: string,
  env: Record<string, string> = {},
): Promise<string> {
  const network = { connectTimeoutMs: 5000, publicOnly: { exceptHost } };
  const send = await fakeDeps({ env }).deps.openNetwork(network);
  try {
    return await textOf(await send(get(url)));
  } catch (error) {
    return systemErrorCode(error) ?? 'no code';
  }
}

const greet = (): Promise<TestServer> => startServer((response) => void response.end('hello'));

describe('a network for public addresses only', () => {
  test.each(['localhost', '127.0.0.1', '[::1]', '[::ffff:127.0.0.1]', '0.0.0.0'])(
    'does not connect to %s',
    async (host) => {
      const server = await greet();
      const came = await reach(`http://${host}:${server.port}/`, 'api.alltoken.ai');
      expect(came).toBe('ERR_PRIVATE_ADDRESS');
      expect(server.requests).toEqual([]);
    },
  );

  test('opens no connection either, not even for TLS', async () => {
    let connections = 0;
    const server = createServer(() => {
      connections += 1;
    });
    await new Promise<void>((resolve) => server.listen(0, 'localhost', resolve));
    onTestFinished(() => void server.close());
    const { port } = server.address() as AddressInfo;
    expect(await reach(`https://localhost:${port}/`, 'api.alltoken.ai')).toBe(
      'ERR_PRIVATE_ADDRESS',
    );
    expect(connections).toBe(0);
  });

  test('connects to the one host that is excepted', async () => {
    const server = await greet();
    expect(await reach(`http://localhost:${server.port}/`, 'localhost')).toBe('hello');
    expect(await reach(`http://127.0.0.1:${server.port}/`, '127.0.0.1')).toBe('hello');
  });

  test('takes all names of this machine for one', async () => {
    const server = await greet();
    expect(await reach(`http://localhost:${server.port}/`, '127.0.0.1')).toBe('hello');
    expect(await reach(`http://127.0.0.1:${server.port}/`, '[::1]')).toBe('hello');
  });

  test('minds hosts that go around a proxy, and lets the proxy itself be anywhere', async () => {
    const server = await greet();
    const proxy = await startProxy({ upstreamPort: server.port });
    const env = { HTTP_PROXY: `http://${proxy.address}` };
    expect(await reach('http://gateway.invalid/', 'api.alltoken.ai', env)).toBe('hello');
    const around = { ...env, NO_PROXY: '*' };
    const url = `http://localhost:${server.port}/`;
    expect(await reach(url, 'api.alltoken.ai', around)).toBe('ERR_PRIVATE_ADDRESS');
    expect(server.requests).toHaveLength(1);
  });

  test('says of a name that does not exist what it says otherwise', async () => {
    expect(await reach('http://gateway.invalid/', 'api.alltoken.ai')).toMatch(/^(ENOTFOUND|EAI_)/);
  });

  test('is none unless it is asked for', async () => {
    const server = await greet();
    const send = await fakeDeps().deps.openNetwork({ connectTimeoutMs: 5000 });
    expect(await textOf(await send(get(`http://localhost:${server.port}/`)))).toBe('hello');
  });
});

describe('its lookup', () => {
  const outside = { address: '8.8.8.8', family: 4 };
  const outsideV6 = { address: '2606:4700::1111', family: 6 };
  const inside = { address: '10.0.0.1', family: 4 };

  /** What it answers for a name that stands for these addresses. */
  const ask = (addresses: LookupAddress[], all: boolean, error: Error | null = null) =>
    new Promise<unknown[]>((resolve) => {
      const { lookup } = publicOnly('gateway.test', (_, __, answer) => answer(error, addresses));
      lookup('cdn.test', { all }, (...answer) => resolve(answer));
    });

  test('answers in either form that Node asks for', async () => {
    expect(await ask([outside, outsideV6], true)).toEqual([null, [outside, outsideV6]]);
    expect(await ask([outsideV6, outside], false)).toEqual([null, '2606:4700::1111', 6]);
  });

  test('refuses a name when one of its addresses is inside', async () => {
    for (const addresses of [[inside], [outside, inside], [inside, outsideV6]])
      for (const all of [true, false])
        expect((await ask(addresses, all))[0]).toMatchObject({ code: 'ERR_PRIVATE_ADDRESS' });
  });

  test('passes on what the resolver complains of', async () => {
    const error = new Error('no such name');
    expect((await ask([], true, error))[0]).toBe(error);
  });

  test('asks the system itself when nobody else is named', async () => {
    const { lookup } = publicOnly('localhost');
    const answer = await new Promise<unknown[]>((resolve) =>
      lookup('localhost', { family: 4, all: false }, (...came) => resolve(came)),
    );
    expect(answer).toEqual([null, '127.0.0.1', 4]);
  });
});

describe('a download', () => {
  test('from a name that points inward ends at once, and says what a fake-IP proxy needs', async () => {
    const world = fakeDeps();
    const open = world.deps.openNetwork;
    // The gateway is elsewhere as far as the network knows, and this machine as far as the address is checked.
    world.deps.openNetwork = (options) =>
      open({ ...options, publicOnly: { exceptHost: 'api.alltoken.ai' } });
    const { server } = await fetchFrom(serveFile('film'));
    const url = `http://localhost:${server.port}/secret`;
    const { error, sleeps } = await fetchFile(server, { world, url });
    expect(error).toMatchObject({ exit: 'protocol', details: { code: 'unsafe_url' } });
    expect(hintOf(error)).toContain('HTTPS_PROXY');
    expect(error?.message).not.toContain('secret');
    expect(sleeps).toEqual([]);
    expect(server.requests).toHaveLength(1);
  });
});

import { spawn, spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/base/errors.ts';
import { isExempt, readProxySettings } from '../../src/transport/proxy-settings.ts';
import { listen } from './sockets.ts';

const hasCurl = spawnSync('curl', ['--version']).status === 0;

/** What curl sends to a proxy of this address; '' where it goes around it. It connects to this machine and to names that do not exist. */
async function askCurl(credentials: string, noProxy: string, url: string): Promise<string> {
  let heard = '';
  const proxy = await listen((socket) =>
    socket.once('data', (data) => {
      heard += String(data);
      socket.end('HTTP/1.1 502 no\r\ncontent-length: 0\r\n\r\n');
    }),
  );
  const env = {
    PATH: process.env.PATH,
    https_proxy: `http://${credentials}127.0.0.1:${proxy.port}`,
    no_proxy: noProxy,
  };
  await new Promise((resolve) =>
    spawn('curl', ['-s', '-m', '10', url], { env, stdio: 'ignore' }).on('close', resolve),
  );
  return heard;
}

/** NO_PROXY, a URL, and whether that goes straight there. */
const asCurl: [string, string, boolean][] = [
  ['', 'https://gateway.invalid/', false],
  ['*', 'https://gateway.invalid/', true],
  ['gateway.invalid', 'https://gateway.invalid/', true],
  ['GATEWAY.invalid', 'https://gateway.invalid/', true],
  ['gateway.invalid.', 'https://gateway.invalid/', true],
  ['gateway.invalid', 'https://gateway.invalid./', true],
  ['.gateway.invalid', 'https://gateway.invalid/', true],
  ['invalid', 'https://gateway.invalid/', true],
  ['.invalid', 'https://gateway.invalid/', true],
  ['way.invalid', 'https://gateway.invalid/', false],
  ['..invalid', 'https://gateway.invalid/', false],
  ['other.invalid gateway.invalid', 'https://gateway.invalid/', true],
  ['other.invalid, gateway.invalid', 'https://gateway.invalid/', true],
  ['other.invalid\tgateway.invalid', 'https://gateway.invalid/', true],
  ['127.0.0.9', 'https://127.0.0.9:1/', true],
  ['127.0.0.0/24', 'https://127.0.0.9:1/', true],
  ['127.0.0.128/25', 'https://127.0.0.9:1/', false],
  ['127.0.0.0/33', 'https://127.0.0.9:1/', false],
  ['127.0.0.0/', 'https://127.0.0.9:1/', false],
  ['.127.0.0.9', 'https://127.0.0.9:1/', false],
  ['0.9', 'https://127.0.0.9:1/', false],
  ['0x7f.0.0.9', 'https://127.0.0.9:1/', false],
  ['127.0.0.0/24', 'https://gateway.invalid/', false],
  ['::1', 'https://[::1]:1/', true],
  ['::1/129', 'https://[::1]:1/', false],
];

/** Where curl 7.88 uses the proxy, and we do not: what was written is clear. */
const further: [string, string][] = [
  ['gateway.invalid:443', 'https://gateway.invalid/'],
  ['gateway.invalid:8443', 'https://gateway.invalid:8443/'],
  ['*.invalid', 'https://gateway.invalid/'],
  ['other.invalid,*', 'https://gateway.invalid/'],
  ['127.0.0.9:1', 'https://127.0.0.9:1/'],
  ['0.0.0.0/0', 'https://127.0.0.9:1/'],
  ['[::1]', 'https://[::1]:1/'],
  ['[::1]:1', 'https://[::1]:1/'],
  ['0:0:0:0:0:0:0:1', 'https://[::1]:1/'],
  ['::/64', 'https://[::1]:1/'],
  ['[2001:db8::]/32', 'https://[2001:db8::1]/'],
];

describe('T7: NO_PROXY', () => {
  test.each(asCurl)('%j and %s: straight there: %s', (list, url, expected) => {
    expect(isExempt(list, new URL(url))).toBe(expected);
  });

  test.runIf(hasCurl)('is read as curl reads it', async () => {
    const found = await Promise.all(
      asCurl.map(async ([list, url]) => [list, url, (await askCurl('', list, url)) === '']),
    );
    expect(found).toEqual(asCurl);
  });

  test.each(further)('%j and %s: straight there, further than curl', (list, url) => {
    expect(isExempt(list, new URL(url))).toBe(true);
  });

  test.each([
    ['gateway.invalid:8443', 'https://gateway.invalid/'],
    ['127.0.0.9:2', 'https://127.0.0.9:1/'],
    ['[::1]:2', 'https://[::1]:1/'],
    [',,  ,', 'https://gateway.invalid/'],
    ['.', 'https://gateway.invalid/'],
  ])('%j does not speak of %s', (list, url) => {
    expect(isExempt(list, new URL(url))).toBe(false);
  });
});

const url = new URL('https://gateway.invalid/');

function authorizationOf(credentials: string): string | null {
  const address = `http://${credentials}proxy.invalid:3128`;
  return readProxySettings({ HTTPS_PROXY: address }).proxyFor(url)?.authorization ?? null;
}

const credentials: [string, string][] = [
  ['token@', 'token:'],
  ['user:@', 'user:'],
  [':pw@', ':pw'],
  ['user:p%40ss@', 'user:p@ss'],
  ['us%3Aer:p:w@', 'us:er:p:w'],
  ['user:p%zz@', 'user:p%zz'],
  ['user:%23%2F%3F@', 'user:#/?'],
];

describe('T7: the credentials of a proxy', () => {
  test.each(credentials)('%s is sent as %s', (written, sent) => {
    expect(authorizationOf(written)).toBe(`Basic ${Buffer.from(sent).toString('base64')}`);
  });

  test.runIf(hasCurl)('are sent as curl sends them', async () => {
    for (const [written] of credentials)
      expect(await askCurl(written, '', 'https://gateway.invalid/')).toContain(
        `Proxy-Authorization: ${authorizationOf(written)}\r\n`,
      );
  });

  test.each([
    'http://user:pa@ss@proxy.invalid:1',
    'http://user:pa#ss@proxy.invalid:1',
    'http://user:pa/ss@proxy.invalid:1',
    'http://user:1/pass@proxy.invalid:1',
    'http://user:pa?ss@proxy.invalid:1',
    'http://user:pa ss@proxy.invalid:1',
    'http://user:pass@proxy.invalid:99999',
    'http://user:pass@proxy.invalid:x',
    'socks5://user:pass@proxy.invalid:1',
    ' http://user:pass@proxy.invalid:1',
    'http://user:pass@',
    'http://[::1',
    ':3128',
  ])('no address: %s: 20, and the password is not shown', (address) => {
    let error: unknown;
    try {
      readProxySettings({ HTTPS_PROXY: address });
    } catch (thrown) {
      error = thrown;
    }
    expect(error).toBeInstanceOf(CliError);
    expect(error).toMatchObject({ exit: 'no_key', details: { code: 'bad_proxy' } });
    expect(JSON.stringify([(error as CliError).message, (error as CliError).details])).not.toMatch(
      /user:|pass|pa[@#/? ]ss/,
    );
  });
});

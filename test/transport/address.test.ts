import { describe, expect, test } from 'vitest';
import { CliError } from '../../src/base/errors.ts';
import { checkFileUrl, isPublicAddress } from '../../src/transport/address.ts';

describe('an IPv4 address', () => {
  test.each([
    ...['0.0.0.0', '0.1.2.3', '10.0.0.1', '10.255.255.255', '100.64.0.1', '100.127.255.255'],
    ...['127.0.0.1', '127.255.255.254', '169.254.169.254', '172.16.0.1', '172.31.255.255'],
    ...['192.0.0.1', '192.0.2.1', '192.168.0.1', '192.168.255.255', '198.18.0.1', '198.19.255.255'],
    ...['198.51.100.7', '203.0.113.9', '224.0.0.1', '239.255.255.255', '240.0.0.1'],
    '255.255.255.255',
  ])('inside is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each([
    ...['1.1.1.1', '8.8.8.8', '9.255.255.255', '11.0.0.0', '100.63.255.255', '100.128.0.0'],
    ...['126.255.255.255', '128.0.0.0', '169.253.255.255', '169.255.0.0', '172.15.255.255'],
    ...['172.32.0.0', '192.0.1.0', '192.167.255.255', '192.169.0.0', '198.17.255.255'],
    ...['198.20.0.0', '223.255.255.255'],
  ])('outside is: %s', (address) => {
    expect(isPublicAddress(address)).toBe(true);
  });
});

/** The two groups of an IPv6 address that carry an IPv4 one. */
function hex(v4: string): string {
  return Buffer.from(v4.split('.').map(Number))
    .toString('hex')
    .replace(/(....)/, '$1:');
}

describe('an IPv6 address', () => {
  test.each([
    ...['::', '::1', '0:0:0:0:0:0:0:1', 'fc00::1', 'fdff:ffff::1', 'fe80::1', 'fe80::1%eth0'],
    ...['febf::1', 'fec0::1', 'ff02::1', '2001:db8::1', '2001:0:1::1', '100::1', '3fff::1'],
    '2606:4700::1111%1',
  ])('inside is not public: %s', (address) => {
    expect(isPublicAddress(address)).toBe(false);
  });

  test.each(['2606:4700:4700::1111', '2001:4860:4860::8888', '2a00:1450::1', '2001:200::1'])(
    'outside is: %s',
    (address) => {
      expect(isPublicAddress(address)).toBe(true);
    },
  );

  test.each([
    ['mapped', (v4: string) => `::ffff:${v4}`],
    ['translated', (v4: string) => `::ffff:0:${v4}`],
    ['of NAT64', (v4: string) => `64:ff9b::${v4}`],
    ['of 6to4', (v4: string) => `2002:${hex(v4)}::1`],
    ['mapped, in hexadecimal', (v4: string) => `0:0:0:0:0:FFFF:${hex(v4)}`],
  ])('that carries an IPv4 one is judged by that: %s', (_, carry) => {
    for (const inside of ['127.0.0.1', '10.0.0.1', '169.254.169.254', '192.168.1.1', '0.0.0.0'])
      expect(isPublicAddress(carry(inside)), carry(inside)).toBe(false);
    expect(isPublicAddress(carry('8.8.8.8')), carry('8.8.8.8')).toBe(true);
  });

  test('in the old form of IPv4, or of a NAT64 of one’s own, is not public', () => {
    for (const address of ['::8.8.8.8', '64:ff9b:1::8.8.8.8'])
      expect(isPublicAddress(address)).toBe(false);
  });
});

test.each(['', 'localhost', 'example.com', '1.2.3', '8.8.8.8.', '[::1]', '08.8.8.8', '1.1.1.1/8'])(
  'text that is no address is not public: %j',
  (text) => {
    expect(isPublicAddress(text)).toBe(false);
  },
);

const GATEWAY = 'https://api.alltoken.ai/v1';
const LOCAL = 'http://127.0.0.1:8080/v1';

function refusal(url: string, baseUrl = GATEWAY): CliError | null {
  try {
    checkFileUrl(url, baseUrl);
    return null;
  } catch (error) {
    if (error instanceof CliError) return error;
    throw error;
  }
}

describe('the address of a file', () => {
  test.each([
    'https://cdn.example/film.mp4?X-Amz-Signature=1',
    'https://cdn.example:8443/',
    'https://8.8.8.8/film.mp4',
    'https://[2606:4700::1111]/film.mp4',
    'https://api.alltoken.ai/file',
    'https://localhost.example/',
    'https://127.0.0.1.example/',
  ])('may be public, over https: %s', (url) => {
    expect(checkFileUrl(url, GATEWAY).href).toBe(url);
  });

  test.each([
    ...['http://cdn.example/', 'ftp://cdn.example/', 'file:///etc/passwd', 'data:,x', 'blob:x'],
    ...['https://me@cdn.example/', 'https://me:secret@cdn.example/', 'https://:p@cdn.example/'],
    ...['', 'cdn.example/film.mp4', '/film.mp4', 'https://', 'https://[::1', 'https://1.2.3.4.5/'],
  ])('is refused when it is not: %s', (url) => {
    expect(refusal(url)).toMatchObject({
      exit: 'protocol',
      billed: 'yes',
      details: { code: 'unsafe_url' },
    });
  });

  test.each([
    ...['127.0.0.1', '127.1', '0x7f.1', '0x7f000001', '2130706433', '0177.0.0.1', '127.0.0.1.'],
    ...['0', '0.0.0.0', '10.1', '192.168.257', '169.254.169.254', '0xa9fea9fe', '2852039166'],
    ...['１２７.0.0.1', '127。0。0。1', '%31%32%37.0.0.1', '①②⑦.0.0.1'],
    ...['[::1]', '[::]', '[::ffff:127.0.0.1]', '[::ffff:169.254.169.254]', '[::ffff:a9fe:a9fe]'],
    ...['[fd00::1]', '[fe80::1]', '[64:ff9b::10.0.0.1]', '[2002:7f00:1::]', '[::127.0.0.1]'],
    ...['localhost', 'LOCALHOST', 'LocalHost.', 'localhost.', 'foo.localhost', 'a.b.LocalHost.'],
    ...['localhost..', 'ｌｏｃａｌｈｏｓｔ', 'loc%61lhost'],
  ])('is refused when its host is inside, in whatever spelling: %s', (host) => {
    expect(refusal(`https://${host}/secret`), host).toMatchObject({ exit: 'protocol' });
    expect(refusal(`https://${host}:8080/secret`), host).toMatchObject({ exit: 'protocol' });
  });

  test('may be on the gateway’s own host, wherever that is', () => {
    const inside = 'https://10.0.0.5:8443/v1';
    expect(refusal('https://10.0.0.5/film.mp4', inside)).toBeNull();
    expect(refusal('https://10.0.0.5:9000/film.mp4', inside)).toBeNull();
    expect(refusal('https://10.0.0.6/film.mp4', inside)).not.toBeNull();
    expect(refusal('http://10.0.0.5/film.mp4', inside)).not.toBeNull();
    expect(refusal('https://localhost/film.mp4', inside)).not.toBeNull();
  });

  test('may be on this machine, without TLS too, when the gateway is', () => {
    for (const base of [
      LOCAL,
      'http://localhost:1/v1',
      'http://[::1]:1/v1',
      'https://localhost/v1',
    ])
      for (const host of ['127.0.0.1', 'localhost', '[::1]', '127.0.0.2', 'LOCALHOST:99', '127.1'])
        for (const scheme of ['http', 'https'])
          expect(refusal(`${scheme}://${host}/film.mp4`, base), `${host} for ${base}`).toBeNull();
  });

  test('is not safer elsewhere because the gateway is on this machine', () => {
    for (const url of [
      'http://cdn.example/',
      'https://10.0.0.1/',
      'http://10.0.0.1/',
      'https://me@127.0.0.1/',
    ])
      expect(refusal(url, LOCAL), url).not.toBeNull();
    expect(refusal('https://cdn.example/', LOCAL)).toBeNull();
  });

  test('is never told, but for its origin', () => {
    for (const url of [
      'http://cdn.example/secret-path?secret=1#secret',
      'https://secret:secret@cdn.example/secret',
      'https://10.0.0.1/secret?secret',
      'ftp://secret/secret',
      'secret',
    ])
      expect(refusal(url)?.message).not.toContain('secret');
    expect(refusal('http://cdn.example/x')?.message).toContain('http://cdn.example');
  });
});

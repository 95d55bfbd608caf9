import { describe, expect, it } from 'vitest';
import { isLoopback } from '../../src/base/loopback.ts';
import { checkBaseUrl, sameOrigin } from '../../src/config/base-url.ts';
import { failureOf } from './failure.ts';

describe('isLoopback', () => {
  it.each(['127.0.0.1', '127.255.3.4', 'localhost', 'LOCALHOST', '::1', '[::1]'])('%s is', (host) =>
    expect(isLoopback(host)).toBe(true),
  );

  it.each(['127.0.0.256', '127.evil.example', '127.0.0.1.evil.example', '0.0.0.0', '10.0.0.1'])(
    '%s is not',
    (host) => expect(isLoopback(host)).toBe(false),
  );

  it.each(['localhost.evil.example', 'notlocalhost', '', '::ffff:127.0.0.1', '128.0.0.1'])(
    '%j is not',
    (host) => expect(isLoopback(host)).toBe(false),
  );
});

describe('checkBaseUrl', () => {
  it.each([
    ['https://api.example.com/v1', 'https://api.example.com/v1'],
    ['https://api.example.com/v1///', 'https://api.example.com/v1'],
    [' HTTPS://API.Example.com:443/v1\n', 'https://api.example.com/v1'],
    ['https://api.example.com', 'https://api.example.com'],
    ['http://127.1:8080/v1', 'http://127.0.0.1:8080/v1'],
    ['http://[::1]:9/x/', 'http://[::1]:9/x'],
    ['http://localhost:1/', 'http://localhost:1'],
  ])('%j becomes %s', (text, url) => expect(checkBaseUrl(text, 'test')).toBe(url));

  it.each([
    ['', 'not a base URL'],
    ['api.example.com/v1', 'not a base URL'],
    ['ftp://api.example.com', 'not a base URL'],
    ['https:/api.example.com', 'not a base URL'],
    ['https:///api.example.com', 'not a base URL'],
    ['https:\\\\api.example.com', 'not a base URL'],
    ['https://api.exa mple.com', 'not a base URL'],
    ['https://api.example.com/v1\tx', 'not a base URL'],
    ['https://api.example.com:99999', 'not a base URL'],
    ['https://api.example.com/v1?x=1', 'a query'],
    ['https://api.example.com/v1?', 'a query'],
    ['https://api.example.com/v1#', 'cannot contain a query or a fragment'],
    ['http://api.example.com/v1', 'plain http'],
    ['http://0.0.0.0:8080/v1', 'plain http'],
    ['http://127.0.0.1.evil.example/v1', 'plain http'],
    ['https://api.example.com/v1/chat/completions/', 'must not include /chat/completions'],
  ])('refuses %j', async (text, words) => {
    const error = await failureOf(() => checkBaseUrl(text, 'ALLTOKEN_BASE_URL'));
    expect(error.exit).toBe('no_key');
    expect(error.details.code).toBe('bad_base_url');
    expect(error.message).toContain('ALLTOKEN_BASE_URL: ');
    expect(error.message).toContain(words);
  });

  it('never repeats a password, and can be a usage error', async () => {
    const error = await failureOf(() =>
      checkBaseUrl('https://ada:hunter2@api.example.com/v1', '--base-url', 'usage'),
    );
    expect(error.exit).toBe('usage');
    expect(error.message).toContain('a password');
    expect(error.message).not.toMatch(/ada|hunter2/);
  });
});

describe('sameOrigin', () => {
  it('compares scheme, host and port, and nothing equals no origin', () => {
    expect(sameOrigin('https://a.example/v1', 'https://a.example:443/other')).toBe(true);
    expect(sameOrigin('https://a.example/v1', 'http://a.example/v1')).toBe(false);
    expect(sameOrigin('http://127.0.0.1:1/', 'http://127.0.0.1:2/')).toBe(false);
    expect(sameOrigin('', '')).toBe(false);
    expect(sameOrigin('file:///a', 'file:///b')).toBe(false);
  });
});

import { describe, expect, it } from 'vitest';
import { redact } from '../../src/base/redact.ts';

const jwt = 'eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0In0.SflKxwRJSMeKKF2QT4fwpMeJf36POk6yJV';

describe('redact', () => {
  it('hides the key itself in every form', () => {
    const key = 'my/key+"x"=\\é';
    const forms = [
      key,
      JSON.stringify(key).slice(1, -1),
      JSON.stringify(key).slice(1, -1).replaceAll('/', '\\/'),
      encodeURIComponent(key),
      encodeURIComponent(key).replace(/%../g, (code) => code.toLowerCase()),
    ];
    for (const form of forms) expect(redact(`a ${form} b`, key)).toBe('a *** b');
    expect(redact('a b', '')).toBe('a b');
    expect(redact('$& stays, xyz goes', 'xyz')).toBe('$& stays, *** goes');
  });

  it.each([
    ['Authorization: Bearer abc.def-123', 'Authorization: Bearer ***'],
    ['{"authorization":"bearer abc"}', '{"authorization":"bearer ***"}'],
    ['key sk-at-abc_DEF-12345 here', 'key *** here'],
    ['"sk-12345678"', '"***"'],
    ['line\\nsk-at-12345678', 'line\\n***'],
    ['x%3Dsk-at-12345678', 'x%3D***'],
    ['th-0123456789abcdef, th-short', '***, th-short'],
    [`token ${jwt}.`, 'token ***.'],
  ])('%j → %j', (text, clean) => expect(redact(text, null)).toBe(clean));

  it.each([
    'resume task-1234567890abcdef',
    'risk-management and oauth-abcdefghijklmnopqrstuv',
    'sk-short',
    'see https://example.com/a?page=2&size=9',
    'is it? max_token=5 and usage prompt=19',
    'eyJ is how they begin',
    'Missing bearer [auth code=none]',
  ])('leaves %j alone', (text) => expect(redact(text, null)).toBe(text));

  it.each([
    ['https://h/p?X-Amz-Date=1&X-Amz-Signature=ab&z=1', 'https://h/p?***'],
    ['(https://h/p?a=1&x-amz-credential=AK%2F1 next', '(https://h/p?*** next'],
    ['https://h/p?sig=abc', 'https://h/p?***'],
    ['https://h/p?a?b&Signature=abc', 'https://h/p?***'],
    ['"https://h/p?a=1\\u0026token=abc"', '"https://h/p?***"'],
    ['{\\"url\\":\\"https://h/p?token=abc\\"}', '{\\"url\\":\\"https://h/p?***\\"}'],
    ['https://h/p?a=1&amp;sig=abc', 'https://h/p?***'],
    ['u=https%3A%2F%2Fh%2Fp%3FX-Amz-Signature%3Dab', 'u=https%3A%2F%2Fh%2Fp%3F***'],
    ['X-Amz-Signature=abc&x=1', 'X-Amz-Signature=***&x=1'],
  ])('hides the query in %j', (text, clean) => expect(redact(text, null)).toBe(clean));

  it('takes linear time on the worst texts', () => {
    const size = 2_000_000;
    const texts = [
      'eyJ',
      'eyJ-',
      'eyJ.',
      'Bearer ',
      'Bearer',
      ' ',
      'sk-',
      '?',
      '?token',
      '%3F',
      '\\neyJ',
      'https://',
    ];
    const begin = performance.now();
    for (const text of texts) redact(text.repeat(size / text.length), 'sk-at-1234567890');
    // 24 MB: about half a second when linear, hours when quadratic.
    expect(performance.now() - begin).toBeLessThan(15_000);
  }, 60_000);
});

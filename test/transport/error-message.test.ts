import { describe, expect, test } from 'vitest';
import { readErrorBody } from '../../src/transport/error-body.ts';

const message = (body: string, status: number | null = 500): string =>
  readErrorBody(body, status).message;

describe('the message of an error body', () => {
  test.each([
    '',
    ' \n ',
    'null',
    '[]',
    '[null]',
    '[{"error":{"message":"in a list"}}]',
    '7',
    'true',
    '{}',
    '{"error":{}}',
    '{"error":{"message":null}}',
    '{"error":{"message":{}}}',
    '{"error":{"message":{"en":"hello"}}}',
    '{"error":{"message":["a"]}}',
    '{"error":{"message":"","code":"","type":" "}}',
    '{"error":{"message":"\\n"}}',
    '{"error":{"message":"\\u0000\\u001b"}}',
    '{"error":"\\u0007"}',
    '{"error":[]}',
    '{"error":[{"message":"x"}]}',
    '{"detail":[{}]}',
    '{"detail":[null,[],{"msg":null}]}',
    '{"detail":{}}',
    '{"message":{}}',
    '{"ResponseMetadata":{"Error":{}}}',
    '{"ResponseMetadata":null}',
    '<html></html>',
    '<html><title></title></html>',
    '\u0000',
    '\ufeff',
    '{"error":{"message":"cut',
  ])('says something whatever came: %j', (body) => {
    for (const status of [500, 200, null]) {
      const said = message(body, status);
      expect(said.trim()).not.toBe('');
      expect(said).not.toMatch(/undefined|\[object|^null$|^NaN$/);
    }
  });

  test('names the status when the body says nothing', () => {
    for (const body of ['', '{}', 'null', '[]', '{"error":{}}'])
      expect(message(body, 502)).toContain('502');
  });

  test('falls back to the code, then the type', () => {
    expect(message('{"error":{"code":"all_providers_failed","type":"api_error"}}')).toBe(
      'all_providers_failed',
    );
    expect(message('{"error":{"type":"api_error"}}')).toBe('api_error');
    expect(message('{"error":{"type":"api_error"},"message":"outside"}')).toMatch(
      /^(api_error|outside)$/,
    );
  });

  test('of plain text is the text', () => {
    expect(message('  upstream connect error\n')).toBe('upstream connect error');
  });

  test.each([
    ['<!DOCTYPE html><html><head><title>502 Bad Gateway</title></head></html>', '502 Bad Gateway'],
    ['\n <html><HEAD><TITLE lang="en">\n Just a\n moment… </TITLE>', 'Just a moment…'],
    ['<html><body><h1 class="x">Service down</h1></body></html>', 'Service down'],
    ['\ufeff<html><title>With a BOM</title></html>', 'With a BOM'],
  ])('of a page is its title, not its source: %s', (page, title) => {
    expect(message(page)).toContain(title);
    expect(message(page)).not.toContain('<');
  });

  const long = `first\nsecond\r\n\tthird${'!'.repeat(3000)}`;
  test.each([
    ['an envelope', JSON.stringify({ error: { message: long } })],
    ['error as text', JSON.stringify({ error: long })],
    ['a list', JSON.stringify({ detail: Array(500).fill({ msg: 'first\nsecond third' }) })],
    ['plain text', long],
    ['a page', `<html><title>${long}</title></html>`],
  ])('is one line of at most 500 characters: %s', (_, body) => {
    const said = message(body);
    expect(said).toContain('first second third');
    expect(said).not.toMatch(/[\n\r\t\u2028\u2029]/);
    expect(said.length).toBeLessThanOrEqual(500);
    expect(said.length).toBeGreaterThan(400);
  });

  test('cuts no character in half', () => {
    for (const pad of ['', 'x']) {
      const said = message(JSON.stringify({ error: { message: pad + '👋'.repeat(400) } }));
      expect(Buffer.from(said).toString()).toBe(said);
      expect(said).not.toContain('\ufffd');
    }
  });

  test('holds no control characters', () => {
    const body = JSON.stringify({
      error: { message: 'a\u001b[31mb\u0007c\u009b2Jd\u0000e\u007f' },
    });
    // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
    expect(message(body)).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
    expect(message(body)).toMatch(/a.*b.*c.*d.*e/);
  });

  test('of a huge page comes at once', () => {
    expect(message(`<html>${'<title '.repeat(40_000)}`)).toMatch(/HTML/);
    expect(message(`${' '.repeat(250_000)}<html>`)).toMatch(/HTML/);
  });
});

import { describe, expect, test } from 'vitest';
import { CutJson, readSpooledJson } from '../../src/jobs/spooled-json.ts';
import { read, source } from './spooled.ts';

describe('a document that ends too early', () => {
  const whole = '[{"a":"short","b":"0123456789","c":[-1.5e+3,true,false,null,{"d":"\\u0041\\""}]}]';

  test('is told from one that is no JSON, wherever it ends', () => {
    for (let end = 0; end < whole.length; end += 1)
      for (const step of [1, 1000])
        expect(() => read(whole.slice(0, end), step), whole.slice(0, end)).toThrow(CutJson);
    expect(read(whole).spans).toHaveLength(1);
  });

  test('may be a text alone', () => {
    for (const text of ['"', '"abc', '"abc\\"', '"0123456789', ' ', '\ufeff'])
      expect(() => read(text), text).toThrow(CutJson);
  });

  test('is also one whose file is shorter than it was', () => {
    const cut = source('{"a":1');
    expect(() => readSpooledJson({ size: 100, read: cut.read })).toThrow(CutJson);
  });

  test('in a long string is one too', () => {
    expect(() => readSpooledJson(source(`{"a":"${'x'.repeat(600_000)}`))).toThrow(CutJson);
  });
});

describe('something that is no JSON', () => {
  test.each([
    '<html>',
    '{"a":1}}',
    '{"a":1} x',
    '{"a" 1',
    '{a:1}',
    "{'a':1}",
    '[1,]',
    '[1 2',
    '{"a":nul}',
    '{"a":truw',
    '[NaN]',
    '[01]',
    '[1}',
    'data: {}',
    '["\u0001"]',
    '["\\x"]',
    '{"a":"b"c"',
    '{"a":"0123456789"x}',
    '\ufeff\ufeff{}',
  ])('is refused, whole or not: %j', (text) => {
    for (const step of [1, 1000])
      expect(() => read(text, step)).toThrow(expect.objectContaining({ name: 'SyntaxError' }));
  });

  test('is not quoted in the error', () => {
    expect(() => read('<secret>')).toThrow(/^(?!.*secret)/);
  });
});

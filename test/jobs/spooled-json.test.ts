import { describe, expect, test } from 'vitest';
import {
  type ByteSource,
  CutJson,
  JsonTooLarge,
  LongString,
  readSpooledJson,
} from '../../src/jobs/spooled-json.ts';
import { read, source, steps } from './spooled.ts';

/** What a long string holds, as JSON would read it. */
function contentOf(text: string, value: unknown): unknown {
  if (!(value instanceof LongString)) throw new Error('no long string');
  const raw = Buffer.from(text).subarray(value.offset, value.offset + value.length);
  return JSON.parse(`"${raw.toString()}"`);
}

describe('a document without long strings', () => {
  test.each([
    'null',
    '-1.5e3',
    '"text"',
    '[]',
    '{}',
    '[1,[2,[3,{}]],"a",true,false,null]',
    '{"a":{"b":"c\\"d"},"e":"\\\\","f":"\\\\\\"","g":"\\u00e9é👩","":""}',
    '{"k":"k","l":"l0","l0":"k0","__proto__":{"x":1},"constructor":1,"1":2,"0":3}',
    ' \r\n\t{ "a" : [ 1 , 2 ] } \n',
    '{"a":1,"a":2}',
  ])('reads as JSON.parse reads it: %s', (text) => {
    for (const step of steps) {
      const { json, spans } = readSpooledJson(source(text, step));
      expect(JSON.stringify(json)).toBe(JSON.stringify(JSON.parse(text)));
      expect(spans).toEqual([]);
    }
  });

  test('keeps a member called __proto__ a member', () => {
    const { json } = readSpooledJson(source('{"__proto__":{"ok":1}}'));
    expect(Object.keys(json as object)).toEqual(['__proto__']);
    expect((json as { ok?: unknown }).ok).toBeUndefined();
  });

  test('may begin with a BOM', () => {
    for (const step of steps) expect(read('\ufeff {"a":1}', step).json).toEqual({ a: 1 });
  });

  test('may hold a character that one read cuts', () => {
    for (const step of steps) expect(read('["é👩"]', step).json).toEqual(['é👩']);
  });
});

describe('a long string', () => {
  const text = '{"id":"x","data":[{"b64":"0123456789","é":"ab"},{"b64":"98765432+"}],"n":1}';

  test('stays where it is, and its place is told', () => {
    for (const step of steps) {
      const { json, spans } = read(text, step);
      expect(json).toEqual({
        id: 'x',
        data: [{ b64: new LongString(26, 10), é: 'ab' }, { b64: new LongString(57, 9) }],
        n: 1,
      });
      const { data } = json as { data: { b64: unknown }[] };
      expect(data.map(({ b64 }) => contentOf(text, b64))).toEqual(['0123456789', '98765432+']);
      expect(spans).toEqual([data[0]?.b64, data[1]?.b64]);
    }
  });

  test('is one of more raw bytes than the limit', () => {
    expect(read('["12345678"]').json).toEqual(['12345678']);
    expect(read('["123456789"]').json).toEqual([new LongString(2, 9)]);
    expect(read('["\\u0041\\u0042"]').json).toEqual([new LongString(2, 12)]);
    expect(readSpooledJson(source(`["${'x'.repeat(16_384)}"]`)).spans).toEqual([]);
    expect(readSpooledJson(source(`["${'x'.repeat(16_385)}"]`)).spans).toHaveLength(1);
  });

  test.each([
    '\\"',
    '\\\\',
    '\\\\\\"',
    '\\"\\"\\"',
    '\\/',
    '\\u0022',
    '}],"x":"'.replaceAll('"', '\\"'),
  ])('may hold %s anywhere, however it is read', (escaped) => {
    for (const at of [0, 5, 10]) {
      const content = `${'0123456789'.slice(0, at)}${escaped}${'0123456789'.slice(at)}`;
      const document = `{"a":"${content}","b":"${escaped}"}`;
      for (const step of steps) {
        const { json } = read(document, step);
        expect(contentOf(document, (json as { a: unknown }).a)).toBe(JSON.parse(`"${content}"`));
        const b = (json as { b: unknown }).b;
        if (typeof b === 'string') expect(b).toBe(JSON.parse(`"${escaped}"`));
      }
    }
  });

  test('is not taken for text, nor text for it', () => {
    const text = '["0123456789","l0","k","","l","\\u006c0","9876543210"]';
    expect(read(text).json).toEqual([
      new LongString(2, 10),
      ...['l0', 'k', '', 'l', 'l0'],
      new LongString(41, 10),
    ]);
  });

  test('over many windows is told once, at its true place', () => {
    const before = '[1,"';
    const text = `${before}${'A'.repeat(1_000_000)}","end"]`;
    expect(readSpooledJson(source(text)).json).toEqual([1, new LongString(4, 1_000_000), 'end']);
  });

  test('as the name of a member is refused', () => {
    expect(() => read('{"0123456789":1}')).toThrow(SyntaxError);
  });
});

describe('a document too large for memory', () => {
  test('is refused when the rest of it is: many short strings, many numbers', () => {
    for (const item of [`"${'x'.repeat(10_000)}"`, '1234567890'])
      expect(() =>
        readSpooledJson(source(`[${`${item},`.repeat(9_000_000 / item.length)}0]`)),
      ).toThrow(JsonTooLarge);
  });

  test('is read without what is nested beyond reason', () => {
    const nested = (depth: number): string => `${'['.repeat(depth)}${']'.repeat(depth)}`;
    expect(JSON.stringify(read(nested(100_000)).json)).toBe(
      `${'['.repeat(1000)}null${']'.repeat(1000)}`,
    );
    const deep = `[${'{"a":"]}\\"["},'.replace('"a":', `"a":${'['.repeat(2000)}1${']'.repeat(2000)},"b":`)}2]`;
    expect(JSON.stringify(read(deep).json)).toMatch(
      /^\[\{"a":\[{998}null\]{998},"b":"\]\}\\"\["\},2\]$/,
    );
    expect(() => read('{"a":'.repeat(100_000))).toThrow(CutJson);
    expect(JSON.stringify(read(nested(500)).json)).toBe(nested(500));
  });

  test('is read when only its long strings are large, in little memory', () => {
    const piece = Buffer.alloc(256 * 1024, 'A');
    const size = 1024 * 1024 * 1024;
    const huge: ByteSource = {
      size,
      read(offset, length) {
        if (offset === 0) return Buffer.concat([Buffer.from('["'), piece.subarray(0, length - 2)]);
        const bytes = piece.subarray(0, length);
        return offset + length < size
          ? bytes
          : Buffer.concat([bytes.subarray(0, length - 2), Buffer.from('"]')]);
      },
    };
    const before = process.memoryUsage().arrayBuffers;
    const { json } = readSpooledJson(huge);
    expect(json).toEqual([new LongString(2, size - 4)]);
    expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(32 * 1024 * 1024);
  });
});

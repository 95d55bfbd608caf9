import { describe, expect, test } from 'vitest';
import { createSseReader } from '../../src/transport/sse.ts';

/** What comes out of these bytes, in pieces of `size`. */
function read(text: string, size = text.length || 1): { events: string[]; other: string[] } {
  const events: string[] = [];
  const other: string[] = [];
  const reader = createSseReader(
    {
      onEvent: ({ data }) => events.push(data),
      onComment: () => {},
      onOther: (lines) => other.push(lines),
    },
    1_000_000,
  );
  const bytes = new TextEncoder().encode(text);
  for (let at = 0; at < bytes.length; at += size) reader.push(bytes.subarray(at, at + size));
  reader.end();
  return { events, other };
}

describe('lines that are no field of an event stream', () => {
  test.each<[string, string[], string[]]>([
    ['error: {"a":1}\n\ndata: x\n\n', ['x'], ['error: {"a":1}']],
    ['{\r\n"a": 1\r\n}\r\n\r\n', [], ['{\n"a": 1\n}']],
    ['data: x\n{"a":1}\n\n', ['x'], ['{"a":1}']],
    ['{"a":1}', [], ['{"a":1}']],
    ['id: 1\nretry: 2\nid\n: c\nevent: e\n\n', [], []],
  ])('%j come out whole, whatever the cuts', (text, events, other) => {
    for (const size of [1, 3, text.length]) expect(read(text, size)).toEqual({ events, other });
  });

  test('are bounded, and cost the events nothing', () => {
    const line = `${'x'.repeat(1000)}\n`;
    const { events, other } = read(`${line.repeat(5000)}data: y\n\n`);
    expect(events).toEqual(['y']);
    expect(other[0]?.length).toBeLessThanOrEqual(64 * 1024);
  });
});

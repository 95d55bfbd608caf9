/** Whatever a server sends as an error body, a person is told one readable line. */
import { expect, test } from 'vitest';
import { errorInJson, readErrorBody } from '../../src/transport/error-body.ts';

/** A generator of numbers in [0, 1) that begins anew with each seed (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

const keys = [
  ...['error', 'errors', 'message', 'msg', 'detail', 'code', 'type', 'status', 'param', 'loc'],
  ...['metadata', 'raw', 'provider_name', 'innererror', 'base_resp', 'status_code', 'object'],
  ...['title', 'details', 'request_id', '__type', 'choices', 'ResponseMetadata', 'Error', 'x'],
];

function anyJson(next: () => number, depth: number): unknown {
  const pick = <T>(list: readonly T[]): T => list[Math.floor(next() * list.length)] as T;
  const kind = next();
  if (depth > 0 && kind < 0.5) {
    const names = Array.from({ length: Math.floor(next() * 4) }, () => pick(keys));
    return Object.fromEntries(names.map((name) => [name, anyJson(next, depth - 1)]));
  }
  if (depth > 0 && kind < 0.65)
    return Array.from({ length: Math.floor(next() * 4) }, () => anyJson(next, depth - 1));
  if (depth > 0 && kind < 0.7) return JSON.stringify(anyJson(next, depth - 1));
  return pick<unknown>([
    ...[
      null,
      true,
      false,
      0,
      1,
      400,
      -1.5,
      '',
      ' ',
      'error',
      'no\nway',
      '\u001b[31m',
      '{',
      '<html>',
    ],
    ...['insufficient_quota', '__proto__', 'constructor', 'w'.repeat(3000), '余额不足'],
  ]);
}

test('any JSON value gives one line', () => {
  for (let seed = 1; seed <= 5000; seed += 1) {
    const json = anyJson(numbers(seed), 5);
    const text = JSON.stringify(json);
    for (const status of [200, 400, 503, null]) {
      const { message, slugs } = readErrorBody(text, status);
      expect(message.trim(), text).not.toBe('');
      expect(message.length, text).toBeLessThanOrEqual(500);
      // biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what must not be there
      expect(message, text).not.toMatch(/undefined|\[object Object\]|[\u0000-\u001f\u007f-\u009f]/);
      expect(slugs.length, text).toBeLessThanOrEqual(20);
      expect(() => errorInJson(json, status)).not.toThrow();
    }
  }
});

test.each(['error', 'message', 'msg', 'detail', 'error_msg', 'errors', 'description', 'title'])(
  'the words under %s are found below other fields',
  (key) => {
    for (let depth = 0; depth < 5; depth += 1) {
      let json: unknown = { [key]: 'the words' };
      for (let level = 0; level < depth; level += 1) json = { data: level % 2 ? [json] : json };
      expect(readErrorBody(JSON.stringify(json), 400).message).toContain('the words');
    }
  },
);

/** Nothing is said at the end of any path, so that every path would be tried. */
function emptyTree(levels: number): object {
  const names = ['error', 'message', 'msg', 'detail', 'details', 'title'];
  const leaf = levels === 0 ? {} : emptyTree(levels - 1);
  return { object: 'error', ...Object.fromEntries(names.map((name) => [name, leaf])) };
}

test('depth, length and number are bounded', () => {
  const deep = `${'{"error":'.repeat(50_000)}"x"${'}'.repeat(50_000)}`;
  const nested = (levels: number): string =>
    levels === 0 ? 'the end' : JSON.stringify({ message: nested(levels - 1) });
  const many = JSON.stringify({ errors: Array(10_000).fill({ message: 'm', code: 'c' }) });
  const bodies = [
    ...[deep, nested(12), many, JSON.stringify(emptyTree(6))],
    JSON.stringify({ x: Array(50_000).fill({ y: 1 }) }),
    ...['\n', ' ', '\n at ', '{', '- ', '\n at x:1'].flatMap((piece) => {
      const text = piece.repeat(200_000 / piece.length);
      return [`x${text}y`, JSON.stringify({ error: `x${text}{"message":"m"}${text}y` })];
    }),
  ];
  for (const body of bodies) {
    const { message, slugs } = readErrorBody(body, 400);
    expect(message.length).toBeLessThanOrEqual(500);
    expect(slugs.length).toBeLessThanOrEqual(20);
  }
});

test.each([
  [
    'TypeError: x is not a function\n    at f (/srv/app.js:1:2)\n    at g (/srv/b.js:3:4)',
    'TypeError: x is not a function',
  ],
  [
    'Traceback (most recent call last):\n  File "a.py", line 1, in <module>\nValueError: too long',
    'ValueError: too long',
  ],
])('frames of a stack are left out: %j', (message, words) => {
  expect(readErrorBody(JSON.stringify({ error: { message } }), 400).message).toBe(words);
  expect(readErrorBody(message, 500).message).toBe(words);
});

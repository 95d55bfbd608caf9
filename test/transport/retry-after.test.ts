import { describe, expect, test } from 'vitest';
import { readLimitReset, readRetryAfter } from '../../src/transport/retry.ts';

const now = Date.parse('2026-11-22T12:00:00Z');
const read = (header: string | null): number | null => readRetryAfter(header, now);

describe('Retry-After', () => {
  test.each([
    ['0', 0],
    ['1', 1000],
    ['120', 120_000],
    [' 7 ', 7000],
    ['1.5', 1500],
    ['007', 7000],
  ])('in seconds: %j is %i ms', (header, ms) => expect(read(header)).toBe(ms));

  test.each([
    ['Sun, 22 Nov 2026 12:00:30 GMT', 30_000],
    ['Sunday, 22-Nov-26 12:00:30 GMT', 30_000],
    ['Sun, 22 Nov 2026 12:00:00 GMT', 0],
    ['Sun, 22 Nov 2026 11:00:00 GMT', 0],
    ['Thu, 01 Jan 1970 00:00:00 GMT', 0],
    ['Mon, 22 Nov 2027 12:00:00 GMT', 365 * 86_400_000],
  ])('as a date: %j is %i ms from now, never less than none', (header, ms) =>
    expect(read(header)).toBe(ms),
  );

  test.each([
    null,
    '',
    ' ',
    '-5',
    '-0.5',
    '+5',
    '5s',
    '1e3',
    '0x10',
    'NaN',
    'Infinity',
    'soon',
    'soon 5',
    'May',
    '5, 6',
    'Sun, 99 Nov 2026 12:00:30 GMT',
    '٣',
  ])('that cannot be read says nothing: %j', (header) => expect(read(header)).toBeNull());

  test.each([
    ['17 digits', '9'.repeat(17)],
    ['400 digits', '9'.repeat(400)],
    ['a far date', 'Fri, 31 Dec 9999 23:59:59 GMT'],
  ])('that is huge stays a finite number above any cap: %s', (_, header) => {
    const ms = read(header);
    expect(Number.isFinite(ms)).toBe(true);
    expect(ms).toBeGreaterThan(86_400_000);
  });
});

describe('X-RateLimit-Reset', () => {
  test.each([
    [String(now + 30_000), 30_000],
    [String(now - 30_000), 0],
    [String(now / 1000 + 30), 30_000],
    [String(now / 1000 - 30), 0],
    ['30', 30_000],
    [' 1.5 ', 1500],
    ['0', 0],
  ])('%j is %i ms from now', (header, ms) => expect(readLimitReset(header, now)).toBe(ms));

  test.each([null, '', '-5', '5s', '1e3', 'soon', '9'.repeat(17)])(
    'that cannot be read says nothing: %j',
    (header) => expect(readLimitReset(header, now)).toBeNull(),
  );
});

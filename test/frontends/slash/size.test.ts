import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { isTurnOf } from '../../helpers/share.ts';

/** In characters: below this, the caches of the processor make a message cheaper than its length says. */
const SIZE = 48_000;
/** Each begins a quotation, a command, a sentence or a flag again and again. */
const shapes = [' "a', '`a ', '\n> a "b', '([{', 'no. ', 'alltoken image ', '-- ', '\u200b--'];

/** In milliseconds of processor time. */
async function work(message: string): Promise<number> {
  const world = fakeDeps({ stdin: message });
  const before = process.cpuUsage();
  expect([0, 2]).toContain(await world.run('slash', '--explain', '-'));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/**
 * How many times as long the second message takes. What else runs on the machine can only add to a time, so both are
 * measured in turns until the ratio of the least times is small enough, or is not going to be.
 */
async function ratio(short: string, long: string, enough: number): Promise<number> {
  let [least, most] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
  for (let round = 0; round < 8; round += 1) {
    least = Math.min(least, await work(short));
    most = Math.min(most, await work(long));
    if (round > 0 && most / least < enough) break;
  }
  return most / least;
}

describe('a message of', () => {
  // A quadratic reader would take 16 times as long.
  test.each(shapes.filter((_, index) => isTurnOf(index, 4)))(
    '%j, four times as long, takes less than ten times the time',
    async (piece) => {
      const one = piece.repeat(Math.ceil(SIZE / piece.length));
      const make = (text: string): string => `${text} x /alltoken-chat --param ${text} ${text}`;
      expect(await ratio(make(one), make(one.repeat(4)), 10)).toBeLessThan(10);
    },
    60_000,
  );

  test.each([
    ['image', 'begins', (index: number) => `--tag=x${index}`],
    ['chat', 'begins', (index: number) => `--file=${index}`],
    ['chat', 'ends', (index: number) => (index === 0 ? 'why' : `--tag x${index}`)],
  ])('flags that %s %s with is bounded', async (command, _where, word) => {
    const words = Array.from({ length: 20_000 }, (_, index) => word(index));
    const world = fakeDeps({ stdin: `/alltoken-${command} ${words.join(' ')}` });
    expect(await world.run('slash', '--explain', '-')).toBe(2);
    expect(world.err()).toContain('code=too_many_flags');
  });

  test('4 MB is read', async () => {
    const text = 'so. '.repeat(1_000_000).trim();
    const world = fakeDeps({ stdin: `${text}\n/alltoken-chat hi` });
    expect(await world.run('slash', '--explain', '-')).toBe(0);
  });
});

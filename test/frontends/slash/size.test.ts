import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';

const shapes = [
  ...['x', 'x ', '"', ' "a', " 'a b", ' “a ', '„a ', ' »a «', '「', '`', '`a ', ' ``a ` b', '```'],
  ...[
    '\n```\na ',
    '\n> a "b',
    '\n>',
    '([{',
    ' ',
    '\n',
    '. ',
    'no. ',
    'alltoken image ',
    'alltoken ',
  ],
  ...[
    'ask alltoken with model ',
    'ask alltoken with model x:',
    '- ',
    '-- ',
    '—',
    '\u200b--',
    '-a.b ',
  ],
  ...['.', '?', '--tag x ', 'callback'],
];

/** In milliseconds of work, not of the clock. */
async function work(message: string): Promise<number> {
  const world = fakeDeps({ stdin: message });
  const before = process.cpuUsage();
  expect([0, 2]).toContain(await world.run('slash', '--explain', '-'));
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1000;
}

/** The least of some, since a collection of garbage falls into any of them. */
async function least(message: string): Promise<number> {
  const times = [await work(message), await work(message), await work(message)];
  return Math.min(...times);
}

describe('a message of', () => {
  test.each(shapes.map((piece, index) => [piece, index % 2 === 0 ? 'chat' : 'image'] as const))(
    '%j, twice as long, takes twice the work for %s',
    async (piece, command) => {
      const half = piece.repeat(Math.ceil(60_000 / piece.length));
      const make = (text: string): string =>
        `${text} x /alltoken-${command} --param ${text} ${text}`;
      await work(make(half));
      const [one, two] = [await least(make(half)), await least(make(half + half))];
      // What takes less than some tens of milliseconds is not told from its start.
      expect((two + 20) / (one + 20)).toBeLessThan(3);
    },
  );

  test.each([
    ['image', 'begins', (index: number) => `--tag=x${index}`],
    ['chat', 'begins', (index: number) => `--file=${index}`],
    ['chat', 'ends', (index: number) => (index === 0 ? 'why' : `--tag x${index}`)],
  ])('flags that %s %s with is bounded', async (command, _where, word) => {
    const words = Array.from({ length: 100_000 }, (_, index) => word(index));
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

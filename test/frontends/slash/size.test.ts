import { describe, expect, test } from 'vitest';
import { fakeDeps } from '../../helpers/fake-deps.ts';

const MEGABYTE = 1024 * 1024;

function megabyteOf(piece: string): string {
  return piece.repeat(Math.ceil(MEGABYTE / piece.length));
}

const shapes = [
  'x',
  'x ',
  '"',
  ' "a',
  ' "a" ',
  " 'a b",
  ' “a ',
  '-',
  '- ',
  '-- ',
  '--json" ',
  '—a ',
  '. ',
  '(',
  'draw. ',
  'draw x with alltoken ',
  'alltoken image ',
  'search the web for ',
  '--out="a ',
  '`',
  '`a ',
  ' ``a ` b',
  '```',
  '\n```\na ',
  '\n> a "b',
  '\n>',
  '„a ',
  ' »a «',
  '「',
  '(“a',
  'x="',
  '{"a":',
  '([{',
  '\u200b--',
  '—',
  ' -a.b ',
  'please ',
  'never ',
  'draw me a picture of ',
  'draw x\n',
  'how much did the ',
  'Mr. ',
  ' --tag x',
];

describe('a message of a megabyte', () => {
  // Ten times what the slowest takes; going over it again and again would take minutes.
  test.each(shapes)('of %j is read in one go', { timeout: 5_000 }, async (piece) => {
    const half = megabyteOf(piece).slice(MEGABYTE / 2);
    for (const message of [
      `/alltoken-image ${megabyteOf(piece)}`,
      `${half} x /alltoken-chat ${half}`,
    ]) {
      const world = fakeDeps({ stdin: message });
      expect([0, 2]).toContain(await world.run('slash', '--explain', '-'));
    }
  });

  test.each([
    ['image', 'of flags that are none', (index: number) => `--zq${index}xy`],
    ['chat', 'that begins with files', (index: number) => `--file=${index}`],
    ['chat', 'that ends in tags', (index: number) => (index === 0 ? 'why' : `--tag x${index}`)],
  ])(
    'for %s, %s, is refused before each is looked at',
    { timeout: 5_000 },
    async (command, _what, word) => {
      const words = Array.from({ length: 100_000 }, (_, index) => word(index));
      const world = fakeDeps({ stdin: `/alltoken-${command} ${words.join(' ')}` });
      expect(await world.run('slash', '--explain', '-')).toBe(2);
      expect(world.err()).toContain('code=too_many_flags');
    },
  );
});

import { describe, expect, test } from 'vitest';
import { explain, flags, generator, rest, seeds } from '../../helpers/slash.ts';

const MESSAGES = 15;

/** Anything but a command, and none of the marks that would end the quote. */
function junk(next: (below: number) => number): string {
  const pool = [...flags, ...rest].filter((fragment) => !/["'“”‘’„«»‹›「」`>]/.test(fragment));
  return Array.from({ length: 1 + next(8) }, () => pool[next(pool.length)]).join(' ');
}

const quotations = ['""', "''", '“”', '‘’', '„“', '«»', '»«', '‹›', '「」', '『』', '``'];

/** A flag of every command that buys, told from the others by its value. */
function piece(kind: 'quoted' | 'plain', id: number, next: (below: number) => number): string {
  const flag = `--tag=${kind}${id}`;
  if (kind === 'plain') return flag;
  const [open, close] = [...(quotations[next(quotations.length)] ?? '')];
  const words = `x ${flag} alltoken models ${flag}`;
  const forms = [
    `${open}${words}${close}`,
    `(${open}${words}${close})`,
    `so:${open}${words}${close}.`,
    `\n> ${words}\n`,
    `\n\`\`\`sh\n${words}\n\`\`\`\n`,
  ];
  return forms[next(forms.length)] ?? '';
}

describe('any message', () => {
  test.each(seeds)('has no flag in quotes, nor after -- (seed %i)', async (seed) => {
    const next = generator(seed);
    for (let count = 0; count < MESSAGES; count += 1) {
      const words = junk(next);
      const [open, close] = [...(quotations[next(quotations.length)] ?? '')];
      const quoted = await explain(`/alltoken-chat "x" ${open}${words}${close}, y`);
      expect([quoted.flags, quoted.text]).toEqual([[], `"x" ${open}${words}${close}, y`]);
      const alone = await explain(`/alltoken-image ${open}x${words}${close}`);
      expect(alone.argv).toEqual(['image', '--', `x${words}`]);
      const ended = await explain(`/alltoken-image -- x ${words}`);
      expect(ended.argv).toEqual(['image', '--', `x ${words}`.trim()]);
    }
  });

  test.each(seeds)(
    'has flags behind its command alone, and none in quotations (seed %i)',
    async (seed) => {
      const next = generator(seed);
      for (let count = 0; count < MESSAGES; count += 1) {
        const kinds = Array.from({ length: 1 + next(8) }, () => next(3));
        const pieces = kinds.map((kind, id) => {
          if (kind === 2) return 'word';
          return piece(kind === 0 ? 'quoted' : 'plain', id, next);
        });
        const plain = kinds.flatMap((kind, id) => (kind === 1 ? [`plain${id}`] : []));
        const edge = (from: readonly number[]): number => from.findIndex((kind) => kind !== 1);
        const [first, last] = [edge(kinds), edge([...kinds].reverse())];
        const ends = plain.filter((name) => {
          const id = Number(name.slice('plain'.length));
          return first === -1 || id < first || id >= kinds.length - last;
        });
        for (const [command, wanted] of [
          ['image', plain],
          ['chat', ends],
        ] as const) {
          const message = `--tag=early /alltoken-${command} ${pieces.join(' ')} `;
          const { flags: found } = await explain(message);
          expect(
            found.map(({ value }) => value),
            JSON.stringify(message),
          ).toEqual(wanted);
        }
      }
    },
  );
});

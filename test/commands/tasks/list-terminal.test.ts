import { describe, expect, test } from 'vitest';
import { type Drawn, draw, laterWorld, runIn } from '../../helpers/image.ts';
import { completed, inline, picture, state, taskId } from '../../helpers/image-replies.ts';

const long = 'A lighthouse at dawn, watercolour, with gulls over a cold and quiet northern sea';

interface Seen {
  lines: string[];
  text: string;
}

/** `tasks --local` on a terminal, `minutes` after the jobs were made. */
async function listed(drawn: Drawn, columns: number, minutes = 5): Promise<Seen> {
  const now = (): number => Date.parse('2026-11-22T12:00:00Z') + minutes * 60_000;
  const world = laterWorld(drawn.world, drawn.gateway, { stdoutIsTerminal: true, columns, now });
  expect(await runIn(world, 'tasks', '--local'), world.err()).toBe(0);
  return { text: world.out(), lines: world.out().split('\n').slice(0, -1) };
}

/** Half a word would be one that is not in what is listed. */
function expectWholeWords({ text }: Seen, known: string): void {
  const words = new Set(known.split(/\s+/));
  for (const word of text.split(/\s+/).filter((one) => one !== ''))
    expect(words.has(word.replace(/…$/, '')) || word === '…', word).toBe(true);
}

const about = `${taskId} image 5 min ago saved gpt-image-2 cat.png not queued`;

describe('tasks on a terminal', () => {
  test.each([80, 40])('tells jobs apart in %i columns', async (columns) => {
    const drawn = await draw({}, ['-o', 'cat.png', long]);
    const dir = drawn.world.home;
    const seen = await listed(drawn, columns);
    for (const part of [taskId, 'image', '5 min ago', 'saved', 'A lighthouse at dawn', 'cat.png'])
      expect(seen.text).toContain(part);
    for (const line of seen.lines.filter((one) => !one.includes(dir.slice(0, 8))))
      expect(line.length).toBeLessThanOrEqual(columns);
    expect(seen.lines[0]).toMatch(/^igen_/);
    expect(seen.lines.slice(1).every((line) => line.startsWith('  '))).toBe(true);
    expectWholeWords(seen, `${about} ${long} ${dir}/cat.png …/cat.png`);
    // A price that nobody knows is no column of unknowns.
    expect(seen.text).not.toContain('unknown');
  });

  test.each([
    [0, 'just now'],
    [7, '7 min ago'],
    [200, '3 h ago'],
    [3000, '2 d ago'],
    [60 * 24 * 40, '2026-11-22'],
    [-3, 'just now'],
  ])('after %i minutes it was %j', async (minutes, words) => {
    const drawn = await draw({}, ['A cat']);
    expect((await listed(drawn, 80, minutes)).text).toContain(words);
  });

  test('several files: the first and how many more', async () => {
    const items = [inline(picture(900, 1)), inline(picture(901, 2)), inline(picture(902, 3))];
    const drawn = await draw({ poll: completed(...items) }, ['-n', '3', '-o', 'a.png', 'Three']);
    expect((await listed(drawn, 80)).text).toContain('a.png and 2 more');
  });

  test.each<[string, string[]]>([
    ['queued', ['--wait', '1']],
    ['failed', []],
  ])('%s is said in plain words', async (word, argv) => {
    const drawn = await draw({ poll: state(word) }, [...argv, 'A cat']);
    expect((await listed(drawn, 80)).text).toContain(word);
  });

  test('a prompt in wide letters fits, too, and one with line ends is one line', async () => {
    const drawn = await draw({}, [`${'黎明的灯塔'.repeat(20)}\nzwei\u001b[31m`]);
    const seen = await listed(drawn, 40);
    const prompt = seen.lines.find((line) => line.includes('黎')) ?? '';
    expect([...prompt.matchAll(/\p{Script=Han}/gu)].length * 2 + 3).toBeLessThanOrEqual(40);
    expect(prompt).toMatch(/…$/);
    expect(seen.text).not.toContain('\u001b');
  });

  test('a pipe has the columns that it had', async () => {
    const drawn = await draw({}, ['-o', 'cat.png', long]);
    const world = laterWorld(drawn.world, drawn.gateway);
    await runIn(world, 'tasks', '--local');
    const cells = [taskId, 'image', 'saved', 'gpt-image-2', '2026-11-22T12:00:00.000Z'];
    expect(world.out().replace(/\.\d{3}Z/, '.000Z')).toBe(
      `${[...cells, `${drawn.world.home}/cat.png`].join('\t')}\n`,
    );
  });
});

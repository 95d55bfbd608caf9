import { describe, expect, test } from 'vitest';
import { pixelsOf, visible } from '../../helpers/half-blocks.ts';
import { type Drawn, draw, expectOneFile } from '../../helpers/image.ts';
import { completed, inline } from '../../helpers/image-replies.ts';
import { makePng, type Pixel } from '../../helpers/png.ts';

const pixel = (x: number, y: number): Pixel => [x * 8, y * 8, (x * y) & 255, 255];
const png = makePng({ width: 32, height: 32, pixel });
const trueColour = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };

function preview(
  bytes: Uint8Array,
  env: Record<string, string> = trueColour,
  { argv = [] as string[], terminal = true } = {},
): Promise<Drawn> {
  return draw({ poll: completed(inline(bytes)) }, ['A cat', '--preview', ...argv], {
    env,
    stderrIsTerminal: terminal,
    columns: 40,
  });
}

/** What stderr says of the preview. */
function notes({ world }: Drawn): string[] {
  return world
    .err()
    .split('\n')
    .filter((line) => /preview|no terminal/.test(line));
}

describe('image --preview', () => {
  test('shows the image on stderr, in 60 % of the columns, though stdout is a pipe', async () => {
    const drawn = await preview(png);
    expect(drawn.code).toBe(0);
    expectOneFile(drawn.world, png);
    const text = Buffer.from(drawn.world.err(), 'utf8').toString();
    const lines = text.split('\n').filter((line) => /[▀▄]/.test(line));
    const pixels = pixelsOf(lines.join('\n'));
    expect(pixels.length).toBe(24);
    expect(pixels[0]?.length).toBe(24);
    expect(notes(drawn)).toEqual([]);
  });

  test('as the bytes of the file, where the terminal takes them', async () => {
    const drawn = await preview(png, { TERM: 'xterm-kitty' });
    expect(visible(drawn.world.err())).toContain(`,q=2,m=0;${png.toString('base64')}␛\\`);
    expectOneFile(drawn.world, png);
  });

  test.each([
    ['on a dumb terminal', { TERM: 'dumb' }, [], true],
    ['on kitty that says it is dumb', { TERM: 'dumb', TERM_PROGRAM: 'kitty' }, [], true],
    ['with NO_COLOR', { ...trueColour, NO_COLOR: '1' }, [], true],
    ['with --no-color', trueColour, ['--no-color'], true],
    ['without a terminal', trueColour, [], false],
  ] as const)('%s: a note, and no escape', async (_name, env, argv, terminal) => {
    const drawn = await preview(png, env, { argv: [...argv], terminal });
    expect(drawn.code).toBe(0);
    expectOneFile(drawn.world, png);
    expect(notes(drawn)).toHaveLength(1);
    expect(drawn.world.err()).not.toContain('\x1b');
  });

  test('--quiet says nothing of it', async () => {
    const drawn = await preview(png, trueColour, { argv: ['-q'] });
    expect(drawn.code).toBe(0);
    expect(drawn.world.err()).toBe('');
  });

  test.each([
    ['J19: too large', makePng({ width: 12_000, height: 12_000, data: Buffer.alloc(10) })],
    ['damaged', png.subarray(0, png.length - 60)],
    ['not a PNG behind its first bytes', Buffer.concat([png.subarray(0, 16), Buffer.alloc(99, 7)])],
  ])('%s: saved, a note, and exit 0', async (_name, bytes) => {
    const drawn = await preview(bytes);
    expect(drawn.code).toBe(0);
    expectOneFile(drawn.world, bytes);
    expect(notes(drawn)).toHaveLength(1);
    expect(notes(drawn)[0]).toMatch(/^no preview: /);
    expect(drawn.world.err()).not.toContain('▀');
  });

  test('is not on stdout in --json either', async () => {
    const drawn = await preview(png, trueColour, { argv: ['--json'] });
    expect(drawn.world.json()).toMatchObject({ ok: true });
    expect(drawn.world.out()).not.toContain('▀');
    expect(drawn.world.err()).toContain('▀');
  });
});

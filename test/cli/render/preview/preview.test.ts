import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { deflateSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type Preview, previewImage } from '../../../../src/cli/render/preview/preview.ts';
import { pixelsOf, visible } from '../../../helpers/half-blocks.ts';
import { makeJpeg } from '../../../helpers/jpeg.ts';
import { chunk, makePng, type Pixel } from '../../../helpers/png.ts';

const fixture = (name: string): Buffer =>
  readFileSync(fileURLToPath(new URL(`../../../fixtures/images/${name}`, import.meta.url)));

const trueColour = { TERM: 'xterm-256color', COLORTERM: 'truecolor' };
const kitty = { TERM: 'xterm-kitty' };
const iterm2 = { TERM: 'xterm-256color', TERM_PROGRAM: 'iTerm.app' };

function show(
  bytes: Uint8Array,
  env: Record<string, string> = trueColour,
  { columns = 80, rows = 24, colour = true } = {},
): Promise<Preview> {
  return previewImage(bytes, { env, columns, rows, colour });
}

async function textOf(...given: Parameters<typeof show>): Promise<string> {
  const preview = await show(...given);
  if ('problem' in preview) throw new Error(preview.problem);
  return preview.text;
}

/** At one pixel of the image in each of the terminal: wide enough, and no higher than it shows. */
async function pixelByPixel(bytes: Uint8Array, width: number): Promise<string[][]> {
  const columns = Math.ceil(width / 0.6);
  return pixelsOf(await textOf(bytes, trueColour, { columns, rows: 1000 }));
}

const noise = (x: number, y: number): Pixel => {
  const hash = Math.imul(
    Math.imul(x + 1, 73_856_093) ^ Math.imul(y + 1, 19_349_663),
    2_654_435_761,
  );
  return [hash >>> 24, (hash >>> 16) & 255, (hash >>> 8) & 255, 255];
};

const red: Pixel = [255, 0, 0, 255];
const blue: Pixel = [0, 0, 255, 255];
const clear: Pixel = [0, 0, 0, 0];

describe('PNG in half blocks', () => {
  test.each([
    ['colour', 2, 8],
    ['colour of 16 bits', 2, 16],
    ['colour with opacity', 6, 8],
    ['colour with opacity, of 16 bits', 6, 16],
  ] as const)('%s: each pixel, whatever the filters and the order', async (_name, type, depth) => {
    for (const interlaced of [false, true])
      for (const filters of [[0], [1], [2], [3], [4], [4, 1, 0, 3, 2]]) {
        const [width, height] = [13, 10];
        const png = makePng({ width, height, type, depth, interlaced, filters, pixel: noise });
        const rows = Array.from({ length: height }, (_, y) =>
          Array.from({ length: width }, (_, x) => noise(x, y).slice(0, 3).join(',')),
        );
        expect(await pixelByPixel(png, width)).toEqual(rows);
      }
  });

  test.each([1, 2, 4, 8, 16] as const)('grey of %i bits', async (depth) => {
    const pixel = (x: number): Pixel => (x % 2 === 0 ? [255, 255, 255, 255] : [0, 0, 0, 255]);
    const png = makePng({ width: 11, height: 2, type: 0, depth, filters: [1, 2], pixel });
    const line = Array.from({ length: 11 }, (_, x) => pixel(x).slice(0, 3).join(','));
    expect(await pixelByPixel(png, 11)).toEqual([line, line]);
  });

  test.each([1, 2, 4, 8] as const)('a palette of %i bits, with opacity', async (depth) => {
    const pixel = (x: number): Pixel => (x % 3 === 0 ? red : clear);
    const palette = [clear, red];
    const png = makePng({ width: 7, height: 2, type: 3, depth, palette, pixel });
    const line = ['255,0,0', '', '', '255,0,0', '', '', '255,0,0'];
    expect(await pixelByPixel(png, 7)).toEqual([line, line]);
  });

  test('one colour that is transparent', async () => {
    const pixel = (x: number): Pixel => (x === 0 ? red : [0, 0, 255, 255]);
    const chunks = [chunk('tRNS', Buffer.from([0, 255, 0, 0, 0, 0]))];
    const png = makePng({ width: 2, height: 2, type: 2, chunks, pixel });
    expect(await pixelByPixel(png, 2)).toEqual([
      ['', '0,0,255'],
      ['', '0,0,255'],
    ]);
  });

  test('a larger one is averaged, by opacity', async () => {
    const pixel = (x: number, y: number): Pixel =>
      y < 20 ? (x % 2 === 0 ? red : [0, 0, 255, 255]) : x % 4 === 3 ? [255, 255, 255, 0] : blue;
    const pixels = await pixelByPixel(makePng({ width: 40, height: 40, pixel }), 10);
    expect(new Set(pixels.slice(0, 5).flat())).toEqual(new Set(['128,0,128']));
    expect(new Set(pixels.slice(5).flat())).toEqual(new Set(['0,0,255']));
  });

  test('an odd number of lines ends with upper halves', async () => {
    const png = makePng({ width: 3, height: 3, pixel: () => red });
    const pixels = await pixelByPixel(png, 3);
    expect(pixels.map((line) => line.join(' '))).toEqual([
      '255,0,0 255,0,0 255,0,0',
      '255,0,0 255,0,0 255,0,0',
      '255,0,0 255,0,0 255,0,0',
      '  ',
    ]);
  });

  test('256 colours where a terminal does not say more', async () => {
    const png = makePng({
      width: 2,
      height: 2,
      pixel: (x) => (x === 0 ? red : [128, 128, 128, 255]),
    });
    const text = await textOf(png, { TERM: 'xterm-256color' }, { columns: 4 });
    expect(text).toBe('\x1b[0;38;5;196;48;5;196m▀\x1b[0;38;5;244;48;5;244m▀\x1b[0m');
  });
});

describe('JPEG in half blocks', () => {
  const quarters = [
    [255, 0, 0],
    [0, 255, 0],
    [0, 0, 255],
    [255, 255, 255],
  ];

  /** The means of the four quarters, at the corners, in grey or colour. */
  async function corners(name: string): Promise<number[][]> {
    const pixels = await pixelByPixel(fixture(name), 8);
    const last = pixels.at(-1)?.[0] === undefined ? -2 : -1;
    const [top = [], bottom = []] = [pixels[0], pixels.at(last)];
    return [top[0], top.at(-1), bottom[0], bottom.at(-1)].map((text = '') =>
      text.split(',').map(Number),
    );
  }

  test.each(['baseline.jpg', 'full-chroma.jpg', 'progressive.jpg', 'mozjpeg.jpg', 'odd.jpg'])(
    '%s: four quarters, each in its colour',
    async (name) => {
      const found = await corners(name);
      for (const [index, wanted] of quarters.entries())
        for (const [channel, value] of wanted.entries())
          expect(Math.abs((found[index]?.[channel] ?? -99) - value)).toBeLessThan(8);
    },
  );

  test('grey.jpg: three equal channels', async () => {
    const found = await corners('grey.jpg');
    for (const [one, two, three] of found) expect([two, three]).toEqual([one, one]);
    expect(new Set(found.map(([one]) => one)).size).toBe(4);
  });

  const block = (x: number, y: number): number[] => [(x * 30) & 255, (y * 50) & 255, (x * y) & 255];

  /** What each block should be, of these colours. */
  const blocks = (colour: (x: number, y: number) => number[]): string[][] =>
    Array.from({ length: 6 }, (_, y) =>
      Array.from({ length: 9 }, (_, x) => colour(x, y).join(',')),
    );

  test.each([
    ['in one', {}],
    ['in parts, with restarts', { restart: 4 }],
    ['in a scan a component', { apart: true }],
    ['in a scan a component, with restarts', { apart: true, restart: 1 }],
  ])('RGB %s', async (_name, options) => {
    for (const colours of [{ adobe: 0 }, { ids: [...Buffer.from('RGB')] }]) {
      const jpeg = makeJpeg({ columns: 9, rows: 6, block, ...colours, ...options });
      expect(await pixelByPixel(jpeg, 9)).toEqual(blocks(block));
    }
  });

  test('components of half the size, in scans of their own', async () => {
    const sampling = [2, 1, 1];
    const jpeg = makeJpeg({ columns: 9, rows: 6, block, sampling, adobe: 0, apart: true });
    const half = (x: number, y: number): number[] => {
      const [, green = 0, blueish = 0] = block(x >> 1, y >> 1);
      return [block(x, y)[0] ?? 0, green, blueish];
    };
    expect(await pixelByPixel(jpeg, 9)).toEqual(blocks(half));
  });

  test('grey, and colours as the format has them', async () => {
    const grey = (x: number): number[] => [x * 20];
    const jpeg = makeJpeg({ columns: 9, rows: 6, block: grey });
    expect(await pixelByPixel(jpeg, 9)).toEqual(blocks((x) => [x * 20, x * 20, x * 20]));
    for (const more of [{}, { adobe: 1 }]) {
      const white = makeJpeg({ columns: 9, rows: 6, block: () => [200, 128, 128], ...more });
      expect(await pixelByPixel(white, 9)).toEqual(blocks(() => [200, 200, 200]));
    }
  });

  test.each([
    ['whose data ends early', (jpeg: Buffer) => [jpeg.subarray(0, -9), jpeg.subarray(-2)]],
    ['without a restart', (jpeg: Buffer) => [withoutMarker(jpeg, 0xd1)]],
    ['without a table', (jpeg: Buffer) => [withoutMarker(jpeg, 0xc4)]],
  ])('one %s is damaged', async (_name, broken) => {
    const jpeg = makeJpeg({ columns: 9, rows: 6, block, restart: 4 });
    expect(await show(Buffer.concat(broken(jpeg)))).toEqual({
      problem: 'the JPEG data is damaged',
    });
  });

  test('of a kind that is not decoded', async () => {
    expect(await show(fixture('cmyk.jpg'))).toEqual({
      problem: 'this terminal cannot show this kind of JPEG',
    });
  });

  test.each(['baseline.jpg', 'progressive.jpg'])('%s cut off anywhere', async (name) => {
    const whole = fixture(name);
    for (let length = 0; length < whole.length - 40; length += 7) {
      const preview = await show(whole.subarray(0, length));
      // The first scans of a progressive one are enough.
      if (name === 'baseline.jpg') expect(preview).toHaveProperty('problem');
    }
  });
});

describe('kitty gets the bytes of a PNG', () => {
  const png = makePng({ width: 120, height: 90, pixel: noise });

  /** What a terminal reads: the keys of the first piece, and the bytes. */
  function received(text: string): { keys: string; bytes: Buffer } {
    const pieces = [...visible(text).matchAll(/␛_G([^;]*);([A-Za-z0-9+/=]*)␛\\/g)];
    expect(pieces.map(([whole]) => whole).join('')).toBe(visible(text));
    expect(pieces.every(([, , base64 = '']) => base64.length <= 4096)).toBe(true);
    expect(pieces.slice(0, -1).every(([, , base64 = '']) => base64.length % 4 === 0)).toBe(true);
    const more = pieces.map(([, keys = '']) => /(?:^|,)m=(\d)/.exec(keys)?.[1]);
    expect(more).toEqual([...Array(pieces.length - 1).fill('1'), '0']);
    // The terminal must never answer.
    expect(pieces.every(([, keys = '']) => keys.includes('q=2'))).toBe(true);
    const base64 = pieces.map(([, , piece = '']) => piece).join('');
    return { keys: pieces[0]?.[1] ?? '', bytes: Buffer.from(base64, 'base64') };
  }

  test.each([
    ['kitty', kitty],
    ['Ghostty', { TERM: 'xterm-ghostty', TERM_PROGRAM: 'ghostty' }],
    ['Konsole', { TERM: 'xterm-256color', KONSOLE_VERSION: '220400' }],
  ])('%s, in pieces', async (_name, env) => {
    const { keys, bytes } = received(await textOf(png, env));
    expect(bytes.equals(png)).toBe(true);
    expect(bytes.length).toBeGreaterThan(4096);
    expect(keys).toContain('a=T,f=100,c=');
  });

  test('in one piece', async () => {
    const small = makePng({ width: 1, height: 1 });
    expect(received(await textOf(small, kitty)).bytes.equals(small)).toBe(true);
  });

  test('a JPEG is drawn in half blocks', async () => {
    expect(pixelsOf(await textOf(fixture('baseline.jpg'), kitty)).length).toBeGreaterThan(2);
  });
});

describe('iTerm2 gets the bytes of any image', () => {
  const images: [string, Buffer][] = [
    ['PNG', makePng({ width: 120, height: 90, pixel: noise })],
    ...['baseline.jpg', 'cmyk.jpg', 'lossy.webp', 'quad.gif'].map((name): [string, Buffer] => [
      name,
      fixture(name),
    ]),
    ['a format that is not known', Buffer.from('....ftypavif')],
  ];

  test.each(images)('%s', async (_name, image) => {
    for (const env of [
      iterm2,
      { TERM_PROGRAM: 'WezTerm' },
      { TERM_PROGRAM: 'mintty' },
      { TERM: 'xterm-256color', LC_TERMINAL: 'iTerm2' },
    ]) {
      const text = await textOf(image, env);
      const [, keys = '', base64 = ''] =
        /^␛\]1337;File=([^:]*):([A-Za-z0-9+/=]*)␇$/.exec(visible(text)) ?? [];
      expect(Buffer.from(base64, 'base64').equals(image)).toBe(true);
      expect(keys.split(';')).toContain('inline=1');
      expect(keys.split(';')).toContain(`size=${image.length}`);
    }
  });

  test('up to a size: a larger file is drawn in half blocks', async () => {
    const padding = chunk('teXt', Buffer.alloc(17 * 1024 * 1024));
    const png = makePng({ width: 2, height: 2, chunks: [padding], pixel: () => red });
    for (const env of [iterm2, kitty])
      expect(pixelsOf(await textOf(png, env))[0]?.[0]).toBe('255,0,0');
  });
});

describe('a terminal that is not known to show images gets no base64', () => {
  const png = makePng({ width: 40, height: 30, pixel: noise });

  test.each<Record<string, string>>([
    {},
    { TERM: 'xterm-256color' },
    { TERM: 'linux' },
    { TERM_PROGRAM: 'Apple_Terminal' },
    // It speaks iTerm2's protocol only where a setting says so.
    { TERM_PROGRAM: 'vscode' },
    // Started from kitty, or from iTerm2.
    { TERM_PROGRAM: 'vscode', KITTY_WINDOW_ID: '1', TERM: 'xterm-kitty' },
    { TERM_PROGRAM: 'vscode', LC_TERMINAL: 'iTerm2' },
    { TERM_PROGRAM: 'constructor', TERM: 'constructor' },
    { KONSOLE_VERSION: '211200' },
    { KONSOLE_VERSION: 'new' },
    // Multiplexers.
    { ...kitty, TMUX: '/run/tmux/default,1,0' },
    { TERM: 'tmux-256color', LC_TERMINAL: 'iTerm2' },
    { TERM: 'screen.xterm-kitty', TERM_PROGRAM: 'ghostty' },
    { ...iterm2, STY: '1.pts-0' },
    { ...kitty, ZELLIJ: '0' },
  ])('%j', async (env) => {
    const text = await textOf(png, env);
    expect(visible(text)).not.toMatch(/␛[^[]/);
    expect(text).not.toMatch(/[A-Za-z0-9+/]{9}/);
    expect(text).toContain('▀');
  });
});

describe('size', () => {
  const png = makePng({ width: 200, height: 100 });

  test.each([
    [80, 48],
    [40, 24],
    [200, 120],
    [1, 1],
    [2, 1],
  ])('of %i columns: %i', async (columns, wanted) => {
    const pixels = pixelsOf(await textOf(png, trueColour, { columns, rows: 1000 }));
    expect(pixels[0]?.length).toBe(wanted);
    expect(Math.abs(pixels.length - wanted / 2)).toBeLessThanOrEqual(1.5);
    expect(await textOf(png, kitty, { columns, rows: 1000 })).toContain(`,c=${wanted},`);
    expect(await textOf(png, iterm2, { columns, rows: 1000 })).toContain(`;width=${wanted};`);
  });

  test('a high image is no higher than 60 % of the lines, and keeps its shape', async () => {
    const high = makePng({ width: 100, height: 1000 });
    const pixels = pixelsOf(await textOf(high, trueColour, { columns: 80, rows: 50 }));
    expect(pixels.length).toBe(60);
    expect(pixels[0]?.length).toBe(6);
  });

  test.each([
    [1, 30_000],
    [30_000, 1],
  ])('%ix%i is shown in the box', async (width, height) => {
    const pixels = pixelsOf(await textOf(makePng({ width, height }), trueColour, { columns: 40 }));
    expect(pixels.length).toBeLessThanOrEqual(28);
    expect(pixels[0]?.length).toBeLessThanOrEqual(24);
  });
});

describe('what is not shown', () => {
  const many = 'pixels are too many';

  test.each([
    [12_000, 12_000],
    [8193, 8192],
    [32_769, 1],
    [1, 2 ** 31 - 1],
    [2 ** 32 - 1, 2 ** 32 - 1],
  ])('J19: %ix%i, by its header, on any terminal', async (width, height) => {
    const bomb = makePng({ width, height, data: Buffer.from('not even deflated') });
    for (const env of [trueColour, kitty, iterm2])
      expect(await show(bomb, env)).toEqual({ problem: `${width}x${height} ${many}` });
  });

  test('a JPEG of 65535x65535', async () => {
    const bomb = Buffer.from(fixture('baseline.jpg'));
    const frame = bomb.indexOf(Buffer.from('ffc0', 'hex'));
    bomb.fill(0xff, frame + 5, frame + 9);
    expect(await show(bomb)).toEqual({ problem: `65535x65535 ${many}` });
  });

  test.each([
    ['lossy.webp', 'WebP'],
    ['lossless.webp', 'WebP'],
    ['extended.webp', 'WebP'],
    ['quad.gif', 'GIF'],
  ])('%s in half blocks', async (name, format) => {
    expect(await show(fixture(name))).toEqual({
      problem: `this terminal cannot show ${format} images`,
    });
  });

  test('half blocks without colours; kitty and iTerm2 need none', async () => {
    const png = makePng({ width: 2, height: 2 });
    expect(await show(png, trueColour, { colour: false })).toEqual({
      problem: 'this terminal needs colours to show images',
    });
    for (const env of [kitty, iterm2])
      expect(await show(png, env, { colour: false })).toHaveProperty('text');
  });

  const damaged = { problem: 'the PNG data is damaged' };
  const whole = makePng({ width: 30, height: 20, pixel: noise });

  test('a PNG with a wrong checksum', async () => {
    for (const type of ['IHDR', 'IDAT']) {
      const wrong = Buffer.from(whole);
      const at = whole.indexOf(type);
      const end = at + 4 + whole.readUInt32BE(at - 4);
      wrong[end] = (wrong[end] ?? 0) ^ 1;
      expect(await show(wrong)).toEqual(damaged);
    }
  });

  test('a PNG cut off anywhere in its data', async () => {
    const end = whole.lastIndexOf('IDAT');
    for (let length = 33; length < end; length += 50)
      expect(await show(whole.subarray(0, length))).toEqual(damaged);
  });

  test.each([
    ['no lines', { data: Buffer.alloc(0) }],
    ['a filter that does not exist', { filters: [5] }],
    ['a palette that is missing', { type: 3, palette: [] }],
    ['no width', { width: 0 }],
  ] as const)('a PNG with %s', async (_name, options) => {
    expect(await show(makePng({ width: 4, height: 4, ...options }))).toEqual(damaged);
  });
});

test('more data than the header announces is not inflated: what is broken in it is not seen', async () => {
  const surplus = Buffer.from(Array.from({ length: 300_000 }, (_, at) => (at * at * 7) >> 5));
  const deflated = deflateSync(Buffer.concat([Buffer.alloc(3 * 13), surplus]));
  const data = deflated.subarray(0, deflated.length - 1000);
  const pixels = pixelsOf(await textOf(makePng({ width: 3, height: 3, type: 6, data })));
  expect(pixels[0]?.length).toBeGreaterThan(0);
});

test('no bytes make it reject, or write anything but blocks, colours and base64', async () => {
  let state = 12345;
  const random = (below: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % below;
  };
  const seeds = [
    makePng({ width: 21, height: 13, pixel: noise, filters: [4, 3, 2, 1] }),
    makePng({ width: 21, height: 13, pixel: noise, interlaced: true }),
    makePng({ width: 9, height: 9, type: 3, depth: 2, palette: [red, clear], pixel: () => clear }),
    ...['baseline.jpg', 'progressive.jpg', 'grey.jpg', 'lossy.webp', 'quad.gif'].map(fixture),
    Buffer.alloc(0),
  ];
  const safe =
    /^(?:(?:␛\[0(?:;\d+)*m|[ ▀▄\n])*|(?:␛_G[a-zA-Z0-9=,]*;[A-Za-z0-9+/=]*␛\\)+|␛\]1337;File=[a-zA-Z0-9=;]*:[A-Za-z0-9+/=]*␇)$/;
  let shown = 0;
  for (let round = 0; round < 1500; round += 1) {
    const bytes = Buffer.from(seeds[random(seeds.length)] ?? []);
    for (let changes = random(6); changes > 0 && bytes.length > 0; changes -= 1)
      bytes[random(bytes.length)] = random(256);
    const cut = random(4) === 0 ? bytes.subarray(0, random(bytes.length + 1)) : bytes;
    const preview = await show(fixedChecksums(cut), [trueColour, kitty, iterm2, {}][round % 4]);
    if ('text' in preview) {
      shown += 1;
      expect(visible(preview.text)).toMatch(safe);
    } else expect(preview.problem).toMatch(/^[\w %.]+$/);
  }
  expect(shown).toBeGreaterThan(500);
});

/** The first of them is another one, that says nothing. */
function withoutMarker(jpeg: Buffer, marker: number): Buffer {
  const changed = Buffer.from(jpeg);
  changed[changed.indexOf(Buffer.from([0xff, marker])) + 1] = 0xe1;
  return changed;
}

/** Checksums of a PNG as they should be, so that a change is seen by what is behind them. */
function fixedChecksums(bytes: Buffer): Buffer {
  if (bytes.toString('latin1', 1, 4) !== 'PNG') return bytes;
  const parts = [bytes.subarray(0, 8)];
  let at = 8;
  while (at + 12 <= bytes.length) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (end + 4 > bytes.length) break;
    parts.push(chunk(bytes.toString('latin1', at + 4, at + 8), bytes.subarray(at + 8, end)));
    at = end + 4;
  }
  return Buffer.concat([...parts, bytes.subarray(at)]);
}

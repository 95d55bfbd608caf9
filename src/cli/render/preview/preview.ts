/**
 * Draws an image on a terminal. kitty and iTerm2, and terminals that speak their protocols, get the file's own bytes; the others get
 * half blocks, for which PNG and JPEG are decoded into a grid of that size. What is too large is refused by its header. Loaded
 * only for `--preview`; it writes nothing itself.
 */
import { graphicsProtocol, hasTrueColour } from './graphics-protocol.ts';
import { type ImageHeader, readImageHeader } from './image-header.ts';
import { readJpeg } from './jpeg.ts';
import { type Colour, PixelGrid, type Size, UnsupportedImage } from './pixel-grid.ts';
import { readPng } from './png.ts';

export interface PreviewTerminal {
  env: Readonly<Record<string, string | undefined>>;
  /** Width and height in characters. */
  columns: number;
  rows: number;
  /** Colours are wanted. */
  colour: boolean;
}

/** What to write, or why the image is not shown, in words. */
export type Preview = { text: string } | { problem: string };

/** Of the terminal, across and down. */
const SHARE = 0.6;
/** 8192 by 8192: decoding them takes some seconds at most. */
const MAX_PIXELS = 2 ** 26;
/** Bounds the two lines of a PNG that are in memory, and the decoder of the terminal. */
const MAX_SIDE = 32_768;
/** A larger file is not sent through a terminal, which may be at the end of a slow line. */
const MAX_SENT_BYTES = 16 * 1024 * 1024;
/** Characters of base64 in one sequence, by kitty's protocol. */
const KITTY_CHUNK = 4096;

/** Never rejects. */
export async function previewImage(bytes: Uint8Array, terminal: PreviewTerminal): Promise<Preview> {
  const header = readImageHeader(bytes);
  if (header !== null) {
    const { width, height } = header;
    if (width < 1 || height < 1) return damaged(header);
    if (Math.max(width, height) > MAX_SIDE || width * height > MAX_PIXELS)
      return { problem: `${width}x${height} pixels are too many` };
  }
  const protocol = graphicsProtocol(terminal.env);
  if (bytes.length <= MAX_SENT_BYTES) {
    if (protocol === 'iterm2') return { text: iterm2Image(bytes, header, terminal) };
    if (protocol === 'kitty' && header?.format === 'PNG')
      return { text: kittyImage(bytes, header, terminal) };
  }
  if (header === null) return { problem: 'this terminal cannot show images of this format' };
  if (header.format !== 'PNG' && header.format !== 'JPEG')
    return { problem: `this terminal cannot show ${header.format} images` };
  if (!terminal.colour) return { problem: 'this terminal needs colours to show images' };
  const cells = fit(header, terminal);
  const pixels = { width: cells.width, height: halfLines(header, cells) };
  try {
    const grid = await decode(bytes, header, pixels);
    return { text: halfBlocks(grid, pixels, hasTrueColour(terminal.env)) };
  } catch (error) {
    return error instanceof UnsupportedImage
      ? { problem: `this terminal cannot show this kind of ${header.format}` }
      : damaged(header);
  }
}

function damaged({ format }: ImageHeader): Preview {
  return { problem: `the ${format} data is damaged` };
}

async function decode(bytes: Uint8Array, header: ImageHeader, wanted: Size): Promise<PixelGrid> {
  if (header.format === 'JPEG') return readJpeg(bytes, wanted);
  const grid = new PixelGrid(header, wanted);
  await readPng(bytes, grid);
  return grid;
}

/** In characters, which are taken to be twice as high as wide. */
function fit({ width, height }: Size, terminal: PreviewTerminal): Size {
  const limits = box(terminal);
  const share = Math.min(limits.width / width, (limits.height * 2) / height);
  return {
    width: Math.max(1, Math.min(limits.width, Math.round(width * share))),
    height: Math.max(1, Math.min(limits.height, Math.round((height * share) / 2))),
  };
}

function box({ columns, rows }: PreviewTerminal): Size {
  return {
    width: Math.max(1, Math.floor(columns * SHARE)),
    height: Math.max(1, Math.floor(rows * SHARE)),
  };
}

/** The last one may be the upper half of a character. */
function halfLines({ width, height }: Size, cells: Size): number {
  return Math.max(1, Math.min(cells.height * 2, Math.round((cells.width * height) / width)));
}

/** q=2: the terminal must not answer. The height follows from the width. https://sw.kovidgoyal.net/kitty/graphics-protocol/ */
function kittyImage(bytes: Uint8Array, size: Size, terminal: PreviewTerminal): string {
  const base64 = Buffer.from(bytes).toString('base64');
  const chunks = Math.ceil(base64.length / KITTY_CHUNK);
  return Array.from({ length: chunks }, (_, index) => {
    const keys = index === 0 ? `a=T,f=100,c=${fit(size, terminal).width},` : '';
    const more = index === chunks - 1 ? 0 : 1;
    const chunk = base64.slice(index * KITTY_CHUNK, (index + 1) * KITTY_CHUNK);
    return `\x1b_G${keys}q=2,m=${more};${chunk}\x1b\\`;
  }).join('');
}

/** https://iterm2.com/documentation-images.html */
function iterm2Image(bytes: Uint8Array, size: Size | null, terminal: PreviewTerminal): string {
  const { width, height } = size === null ? box(terminal) : fit(size, terminal);
  const keys = `inline=1;size=${bytes.length};width=${width};height=${height};preserveAspectRatio=1`;
  return `\x1b]1337;File=${keys}:${Buffer.from(bytes).toString('base64')}\x07`;
}

/** Two pixels in each character, one above the other. */
function halfBlocks(grid: PixelGrid, { width, height }: Size, trueColour: boolean): string {
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2) {
    let line = '';
    let last = '';
    for (let x = 0; x < width; x += 1) {
      const [upper, lower] = [grid.at(x, y), grid.at(x, y + 1)];
      const front = upper ?? lower;
      const back = upper === null ? null : lower;
      const style = `\x1b[0${paint(38, front, trueColour)}${paint(48, back, trueColour)}m`;
      line += style === last ? '' : style;
      line += front === null ? ' ' : upper === null ? '▄' : '▀';
      last = style;
    }
    lines.push(`${line}\x1b[0m`);
  }
  return lines.join('\n');
}

/** Part of an SGR sequence; 38 is the foreground, 48 the background. */
function paint(ground: 38 | 48, colour: Colour | null, trueColour: boolean): string {
  if (colour === null) return '';
  return trueColour ? `;${ground};2;${colour.join(';')}` : `;${ground};5;${indexed(colour)}`;
}

const cube = [0, 95, 135, 175, 215, 255] as const;

/** The nearest of the colours 16 to 255: a cube of six levels, and 24 greys. */
function indexed(colour: Colour): number {
  const levels = colour.map((value) => nearest(cube, value));
  const [red = 0, green = 0, blue = 0] = levels;
  const grey = Math.max(
    0,
    Math.min(23, Math.round((colour[0] + colour[1] + colour[2]) / 30 - 0.8)),
  );
  const distance = (other: readonly number[]): number =>
    colour.reduce((sum, value, at) => sum + (value - (other[at] ?? 0)) ** 2, 0);
  const shade = 8 + grey * 10;
  return distance([shade, shade, shade]) < distance(levels.map((level) => cube[level] ?? 0))
    ? 232 + grey
    : 16 + red * 36 + green * 6 + blue;
}

function nearest(values: readonly number[], wanted: number): number {
  const distances = values.map((value) => Math.abs(value - wanted));
  return distances.indexOf(Math.min(...distances));
}

/**
 * Reads a PNG into a small grid, line by line as it is inflated: memory is two lines, whatever the image measures. Inflating stops
 * after the last line that the header announces, however much follows. Of an animation, it is the first image.
 */
import { crc32, createInflate } from 'node:zlib';
import { DamagedImage, type PixelGrid } from './pixel-grid.ts';

interface Png {
  width: number;
  height: number;
  /** Bits a sample. */
  depth: number;
  samples: number;
  /** Samples are indexes into it. */
  palette: Uint8Array | null;
  isColour: boolean;
  hasAlpha: boolean;
  isInterlaced: boolean;
  transparency: Buffer | null;
  /** What is to be inflated, in order. */
  data: readonly Uint8Array[];
}

/** Part of an image: every `dx`th pixel of every `dy`th line. */
interface Pass {
  x: number;
  y: number;
  dx: number;
  dy: number;
}

/** By colour type: allowed depths and samples a pixel. */
const colourTypes = new Map<number, { depths: readonly number[]; samples: number }>([
  [0, { depths: [1, 2, 4, 8, 16], samples: 1 }],
  [2, { depths: [8, 16], samples: 3 }],
  [3, { depths: [1, 2, 4, 8], samples: 1 }],
  [4, { depths: [8, 16], samples: 2 }],
  [6, { depths: [8, 16], samples: 4 }],
]);

const adam7: readonly Pass[] = [
  { x: 0, y: 0, dx: 8, dy: 8 },
  { x: 4, y: 0, dx: 8, dy: 8 },
  { x: 0, y: 4, dx: 4, dy: 8 },
  { x: 2, y: 0, dx: 4, dy: 4 },
  { x: 0, y: 2, dx: 2, dy: 4 },
  { x: 1, y: 0, dx: 2, dy: 2 },
  { x: 0, y: 1, dx: 1, dy: 2 },
];

const INFLATED_BYTES = 64 * 1024;

/** The caller has bounded the size. Rejects with `DamagedImage`. */
export async function readPng(bytes: Uint8Array, grid: PixelGrid): Promise<void> {
  const png = parse(bytes);
  const lines = new LineReader(png, grid);
  const inflate = createInflate({ chunkSize: INFLATED_BYTES });
  for (const part of png.data) inflate.write(part);
  inflate.end();
  try {
    for await (const chunk of inflate as AsyncIterable<Uint8Array>) {
      lines.push(chunk);
      if (lines.isDone) return;
    }
  } catch (error) {
    throw error instanceof DamagedImage
      ? error
      : new DamagedImage('not deflated', { cause: error });
  }
  throw new DamagedImage('lines are missing');
}

function parse(image: Uint8Array): Png {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const data: Uint8Array[] = [];
  let header: Buffer | null = null;
  let palette: Buffer | null = null;
  let transparency: Buffer | null = null;
  for (let at = 8; at + 12 <= bytes.length; ) {
    const length = bytes.readUInt32BE(at);
    const type = bytes.toString('latin1', at + 4, at + 8);
    const end = at + 8 + length;
    if (end + 4 > bytes.length) break;
    const content = bytes.subarray(at + 8, end);
    if (type === 'IEND') break;
    if (['IHDR', 'PLTE', 'tRNS', 'IDAT'].includes(type)) {
      if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end))
        throw new DamagedImage(`checksum of ${type}`);
      if (type === 'IHDR') header ??= content;
      else if (type === 'PLTE') palette ??= content;
      else if (type === 'tRNS') transparency ??= content;
      else data.push(content);
    }
    at = end + 4;
  }
  if (header === null || header.length < 13) throw new DamagedImage('no header');
  const [depth = 0, type = 0, compression, filter, interlace = 0] = header.subarray(8);
  const colour = colourTypes.get(type);
  if (!colour?.depths.includes(depth) || compression !== 0 || filter !== 0 || interlace > 1)
    throw new DamagedImage('header');
  if (type === 3 && palette === null) throw new DamagedImage('no palette');
  return {
    width: header.readUInt32BE(0),
    height: header.readUInt32BE(4),
    depth,
    samples: colour.samples,
    palette: type === 3 ? palette : null,
    isColour: type === 2 || type === 6,
    hasAlpha: type >= 4,
    isInterlaced: interlace === 1,
    transparency,
    data,
  };
}

/** Takes the inflated bytes in pieces of any size. */
class LineReader {
  isDone = false;
  private readonly png: Png;
  private readonly grid: PixelGrid;
  /** What is left of the image; the first one is being read. */
  private readonly passes: Pass[];
  private readonly bytesPerPixel: number;
  private row = 0;
  private width = 0;
  private filled = 0;
  /** The filter's number, then the samples. */
  private line = new Uint8Array(0);
  private above = new Uint8Array(0);
  /** The one colour that is transparent, as samples. */
  private readonly clear: readonly number[] | null;

  constructor(png: Png, grid: PixelGrid) {
    this.png = png;
    this.grid = grid;
    this.passes = (png.isInterlaced ? adam7 : [{ x: 0, y: 0, dx: 1, dy: 1 }]).filter(
      ({ x, y }) => x < png.width && y < png.height,
    );
    this.bytesPerPixel = Math.max(1, (png.samples * png.depth) >> 3);
    const { transparency, palette, hasAlpha, samples } = png;
    this.clear =
      transparency === null || palette !== null || hasAlpha || transparency.length < samples * 2
        ? null
        : Array.from({ length: samples }, (_, at) => transparency.readUInt16BE(at * 2));
    this.beginPass();
  }

  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length && !this.isDone; ) {
      const taken = Math.min(bytes.length - at, this.line.length - this.filled);
      this.line.set(bytes.subarray(at, at + taken), this.filled);
      this.filled += taken;
      at += taken;
      if (this.filled === this.line.length) this.endLine();
    }
  }

  private beginPass(): void {
    const [pass] = this.passes;
    if (pass === undefined) {
      this.isDone = true;
      return;
    }
    const { width, samples, depth } = this.png;
    this.width = Math.ceil((width - pass.x) / pass.dx);
    this.row = pass.y;
    this.filled = 0;
    this.line = new Uint8Array(1 + Math.ceil((this.width * samples * depth) / 8));
    this.above = new Uint8Array(this.line.length);
  }

  private endLine(): void {
    const [pass] = this.passes;
    if (pass === undefined) return;
    unfilter(this.line, this.above, this.bytesPerPixel);
    this.show(pass);
    [this.line, this.above] = [this.above, this.line];
    this.filled = 0;
    this.row += pass.dy;
    if (this.row < this.png.height) return;
    this.passes.shift();
    this.beginPass();
  }

  private show(pass: Pass): void {
    const { samples, palette, transparency, isColour, hasAlpha, depth } = this.png;
    const { row, clear, grid } = this;
    // A sample of 16 bits counts by its upper eight, as far as a terminal can show; one below eight is spread.
    const scale = depth < 8 ? 255 / (2 ** depth - 1) : depth === 16 ? 1 / 257 : 1;
    for (let column = 0; column < this.width; column += 1) {
      const x = pass.x + column * pass.dx;
      const at = column * samples;
      const first = this.sample(at);
      if (palette !== null) {
        const entry = first * 3;
        if (entry + 3 > palette.length) throw new DamagedImage('a colour that the palette lacks');
        const opacity = transparency?.[first] ?? 255;
        grid.add(
          x,
          row,
          palette[entry] ?? 0,
          palette[entry + 1] ?? 0,
          palette[entry + 2] ?? 0,
          opacity,
        );
        continue;
      }
      const green = isColour ? this.sample(at + 1) : first;
      const blue = isColour ? this.sample(at + 2) : first;
      let opacity = hasAlpha ? this.sample(at + samples - 1) * scale : 255;
      if (clear !== null && first === clear[0])
        if (!isColour || (green === clear[1] && blue === clear[2])) opacity = 0;
      grid.add(x, row, first * scale, green * scale, blue * scale, opacity);
    }
  }

  /** The nth of the line. */
  private sample(index: number): number {
    const { line } = this;
    const { depth } = this.png;
    if (depth === 8) return line[index + 1] ?? 0;
    if (depth === 16) return ((line[index * 2 + 1] ?? 0) << 8) | (line[index * 2 + 2] ?? 0);
    const bit = index * depth;
    return ((line[(bit >> 3) + 1] ?? 0) >> (8 - depth - (bit & 7))) & (2 ** depth - 1);
  }
}

/** In place. Both lines begin with the number of their filter; `above` has none to undo. */
function unfilter(line: Uint8Array, above: Uint8Array, bytesPerPixel: number): void {
  const [filter = 0] = line;
  if (filter > 4) throw new DamagedImage(`filter ${filter}`);
  if (filter === 0) return;
  for (let at = 1; at < line.length; at += 1) {
    const hasLeft = at > bytesPerPixel;
    const left = hasLeft ? (line[at - bytesPerPixel] ?? 0) : 0;
    const up = above[at] ?? 0;
    const corner = hasLeft ? (above[at - bytesPerPixel] ?? 0) : 0;
    const guess =
      filter === 1
        ? left
        : filter === 2
          ? up
          : filter === 3
            ? (left + up) >> 1
            : paeth(left, up, corner);
    line[at] = (line[at] ?? 0) + guess;
  }
}

/** Whichever of the three is nearest to left + up - corner. */
function paeth(left: number, up: number, corner: number): number {
  const toLeft = Math.abs(up - corner);
  const toUp = Math.abs(left - corner);
  const toCorner = Math.abs(left + up - 2 * corner);
  if (toLeft <= toUp && toLeft <= toCorner) return left;
  return toUp <= toCorner ? up : corner;
}

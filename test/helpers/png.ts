/** Makes PNG files of every colour type, depth, filter and order of lines, and broken ones. */
import { crc32, deflateSync } from 'node:zlib';

/** Red, green, blue and opacity, 0 to 255. */
export type Pixel = readonly [number, number, number, number];

export interface PngOptions {
  width: number;
  height: number;
  /** Of the format: 0 grey, 2 colour, 3 palette, 4 grey with opacity, 6 colour with opacity. */
  type?: 0 | 2 | 3 | 4 | 6;
  depth?: 1 | 2 | 4 | 8 | 16;
  interlaced?: boolean;
  /** Used in turn, a line each. */
  filters?: readonly number[];
  pixel?: (x: number, y: number) => Pixel;
  palette?: readonly Pixel[];
  /** More chunks before the data. */
  chunks?: readonly Buffer[];
  /** Instead of the deflated lines. */
  data?: Uint8Array;
}

const passes = [
  [0, 0, 8, 8],
  [4, 0, 8, 8],
  [0, 4, 4, 8],
  [2, 0, 4, 4],
  [0, 2, 2, 4],
  [1, 0, 2, 2],
  [0, 1, 1, 2],
] as const;

export function chunk(type: string, content: Uint8Array): Buffer {
  const named = Buffer.concat([Buffer.from(type, 'latin1'), content]);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(content.length);
  const checksum = Buffer.alloc(4);
  checksum.writeUInt32BE(crc32(named));
  return Buffer.concat([length, named, checksum]);
}

export function makePng(options: PngOptions): Buffer {
  const { width, height, type = 6, depth = 8, interlaced = false, palette = [] } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  header.set([depth, type, 0, 0, interlaced ? 1 : 0], 8);
  const colours = palette.flatMap((colour) => colour.slice(0, 3));
  const data = options.data ?? deflateSync(scanLines(options));
  const half = Math.ceil(data.length / 2);
  return Buffer.concat([
    Buffer.from('\x89PNG\r\n\x1a\n', 'latin1'),
    chunk('IHDR', header),
    ...(type === 3 ? [chunk('PLTE', Buffer.from(colours))] : []),
    ...(type === 3 ? [chunk('tRNS', Buffer.from(palette.map(([, , , alpha]) => alpha)))] : []),
    ...(options.chunks ?? []),
    chunk('IDAT', data.subarray(0, half)),
    chunk('IDAT', data.subarray(half)),
    chunk('IEND', Buffer.alloc(0)),
  ]);
}

function scanLines(options: PngOptions): Buffer {
  const { width, height, type = 6, depth = 8, filters = [0], palette = [] } = options;
  const { pixel = () => [0, 0, 0, 255] as const } = options;
  const lines: Buffer[] = [];
  for (const [left, top, across, down] of options.interlaced ? passes : [[0, 0, 1, 1] as const]) {
    if (left >= width) continue;
    let above: number[] | null = null;
    for (let y = top; y < height; y += down) {
      const samples: number[] = [];
      for (let x = left; x < width; x += across) {
        const [red, green, blue, alpha] = pixel(x, y);
        const entry = palette.findIndex((one) => `${one}` === `${[red, green, blue, alpha]}`);
        const wide = depth === 16 ? 257 : 1;
        if (type === 3) samples.push(entry);
        else if (type === 0 && depth < 8) samples.push(Math.round((red * (2 ** depth - 1)) / 255));
        else {
          samples.push(
            ...(type === 0 || type === 4 ? [red] : [red, green, blue]).map((v) => v * wide),
          );
          if (type >= 4) samples.push(alpha * wide);
        }
      }
      const bytes = packed(samples, depth);
      const filter = filters[lines.length % filters.length] ?? 0;
      const perPixel = Math.max(
        1,
        ((samples.length / Math.ceil((width - left) / across)) * depth) >> 3,
      );
      lines.push(Buffer.from([filter, ...filtered(bytes, above, filter, perPixel)]));
      above = bytes;
    }
  }
  return Buffer.concat(lines);
}

function packed(samples: readonly number[], depth: number): number[] {
  if (depth === 16) return samples.flatMap((sample) => [sample >> 8, sample & 255]);
  if (depth === 8) return [...samples];
  const bits = samples.map((sample) => sample.toString(2).padStart(depth, '0')).join('');
  return (bits.match(/.{1,8}/g) ?? []).map((byte) => Number.parseInt(byte.padEnd(8, '0'), 2));
}

/** https://www.w3.org/TR/png-3/#9Filters */
function filtered(
  line: readonly number[],
  above: readonly number[] | null,
  filter: number,
  perPixel: number,
): number[] {
  return line.map((value, at) => {
    const a = line[at - perPixel] ?? 0;
    const b = above?.[at] ?? 0;
    const c = above?.[at - perPixel] ?? 0;
    const p = a + b - c;
    const [pa, pb, pc] = [Math.abs(p - a), Math.abs(p - b), Math.abs(p - c)] as const;
    const paeth = pa <= pb && pa <= pc ? a : pb <= pc ? b : c;
    return (value - ([0, a, b, Math.floor((a + b) / 2), paeth][filter] ?? 0)) & 255;
  });
}

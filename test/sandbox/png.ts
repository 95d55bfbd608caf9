/** Reads a PNG file by its own rules, as any viewer would. */
import { crc32, inflateSync } from 'node:zlib';

export interface Png {
  width: number;
  height: number;
  /** Names of the chunks in order. */
  chunks: string[];
  /** Red, green and blue of a pixel. */
  at(x: number, y: number): readonly number[];
  isClearAt(x: number, y: number): boolean;
}

/** Throws for a wrong signature, a wrong checksum, or pixels that are too few or too many. */
export function readPng(bytes: Buffer): Png {
  if (bytes.toString('hex', 0, 8) !== '89504e470d0a1a0a') throw new Error('no PNG signature');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < bytes.length; ) {
    const end = at + 8 + bytes.readUInt32BE(at);
    if (crc32(bytes.subarray(at + 4, end)) !== bytes.readUInt32BE(end)) throw new Error('bad CRC');
    chunks.push({
      type: bytes.toString('latin1', at + 4, at + 8),
      data: bytes.subarray(at + 8, end),
    });
    at = end + 4;
  }
  const data = (type: string): Buffer =>
    chunks.find((chunk) => chunk.type === type)?.data ?? Buffer.alloc(0);
  const header = data('IHDR');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  if (header.toString('hex', 8) !== '0803000000') throw new Error('not 8 bits with a palette');
  const lines = inflateSync(data('IDAT'));
  if (lines.length !== (width + 1) * height) throw new Error('wrong number of pixels');
  const colour = (x: number, y: number): number => {
    if (lines[y * (width + 1)] !== 0) throw new Error('a filter');
    return lines[y * (width + 1) + 1 + x] ?? 0;
  };
  return {
    width,
    height,
    chunks: chunks.map(({ type }) => type),
    at: (x, y) => [...data('PLTE').subarray(colour(x, y) * 3, colour(x, y) * 3 + 3)],
    isClearAt: (x, y) => data('tRNS')[colour(x, y)] === 0,
  };
}

/** Whether `rows` (dots are `#`, any colour; the rest another) stand somewhere in the picture, a dot being `scale` pixels wide. */
export function shows(png: Png, scale: number, rows: readonly string[]): boolean {
  const columns = rows[0]?.length ?? 0;
  const matches = (left: number, top: number): boolean => {
    const dot = rows.join('').indexOf('#');
    const ink = String(
      png.at(left + (dot % columns) * scale, top + Math.floor(dot / columns) * scale),
    );
    return rows.every((row, y) =>
      Array.from(row).every(
        (mark, x) => (String(png.at(left + x * scale, top + y * scale)) === ink) === (mark === '#'),
      ),
    );
  };
  for (let top = 0; top <= png.height - rows.length * scale; top += 1) {
    for (let left = 0; left <= png.width - columns * scale; left += 1) {
      if (matches(left, top)) return true;
    }
  }
  return false;
}

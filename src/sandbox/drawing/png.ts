/** Writes an image as a PNG file with a palette. It reads none. */
import { crc32, deflateSync } from 'node:zlib';
import type { Image } from './canvas.ts';

const signature = Buffer.from('\x89PNG\r\n\x1a\n', 'latin1');

/** `note` is a comment on both sides of the pixels; files that differ only in a note of one length are equally long. */
export function encodePng(image: Image, note: string): Buffer {
  const { clearBelow, height, palette, width } = image;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(height, 4);
  // Eight bits a pixel, colours from a palette, the only compression and filtering there is, not interlaced.
  header.set([8, 3, 0, 0, 0], 8);
  const comment = chunk('tEXt', Buffer.from(`Comment\0${note}`, 'latin1'));
  return Buffer.concat([
    signature,
    chunk('IHDR', header),
    comment,
    chunk('PLTE', Uint8Array.from(palette.flat())),
    ...(clearBelow > 0 ? [chunk('tRNS', new Uint8Array(clearBelow))] : []),
    chunk('IDAT', deflateSync(scanlines(image), { level: 6 })),
    comment,
    chunk('IEND', new Uint8Array()),
  ]);
}

/** Each row begins with the number of its filter: 0, none. Filters do not help where pixels are names of colours. */
function scanlines({ height, pixels, width }: Image): Uint8Array {
  const lines = new Uint8Array((width + 1) * height);
  for (let y = 0; y < height; y += 1) {
    lines.set(pixels.subarray(y * width, (y + 1) * width), y * (width + 1) + 1);
  }
  return lines;
}

function chunk(type: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(type, 'latin1'), data]);
  const bytes = Buffer.alloc(body.length + 8);
  bytes.writeUInt32BE(data.length, 0);
  bytes.set(body, 4);
  bytes.writeUInt32BE(crc32(body), body.length + 4);
  return bytes;
}

/** What an image is and how large, by its first bytes alone: nothing is decoded, so that a decoder can be refused before it takes memory. */

export interface ImageHeader {
  format: 'PNG' | 'JPEG' | 'GIF' | 'WebP' | 'BMP';
  /** In pixels, as announced; may be 0. */
  width: number;
  height: number;
}

/** null: another format, or too short to say. */
export function readImageHeader(image: Uint8Array): ImageHeader | null {
  const bytes = Buffer.from(image.buffer, image.byteOffset, image.byteLength);
  const text = bytes.toString('latin1', 0, 16);
  try {
    if (text.startsWith('\x89PNG\r\n\x1a\n') && text.endsWith('IHDR'))
      return { format: 'PNG', width: bytes.readUInt32BE(16), height: bytes.readUInt32BE(20) };
    if (text.startsWith('\xff\xd8\xff')) return jpegHeader(bytes);
    if (/^GIF8[79]a/.test(text))
      return { format: 'GIF', width: bytes.readUInt16LE(6), height: bytes.readUInt16LE(8) };
    if (text.startsWith('RIFF') && text.slice(8, 12) === 'WEBP') return webpHeader(bytes);
    if (text.startsWith('BM'))
      return {
        format: 'BMP',
        width: bytes.readInt32LE(18),
        height: Math.abs(bytes.readInt32LE(22)),
      };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
  }
  return null;
}

/** The first frame header; segments before it are skipped by their lengths. */
function jpegHeader(bytes: Buffer): ImageHeader | null {
  for (let at = 2; at < bytes.length; ) {
    if (bytes[at] !== 0xff) return null;
    const marker = bytes.readUInt8(at + 1);
    if (marker === 0xff) {
      at += 1;
      continue;
    }
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame)
      return {
        format: 'JPEG',
        width: bytes.readUInt16BE(at + 7),
        height: bytes.readUInt16BE(at + 5),
      };
    at += 2 + Math.max(2, bytes.readUInt16BE(at + 2));
  }
  return null;
}

/** RFC 9649: lossy, lossless and extended files say it in places of their own. */
function webpHeader(bytes: Buffer): ImageHeader | null {
  const size = (width: number, height: number): ImageHeader => ({ format: 'WebP', width, height });
  switch (bytes.toString('latin1', 12, 16)) {
    case 'VP8 ':
      return size(bytes.readUInt16LE(26) & 0x3fff, bytes.readUInt16LE(28) & 0x3fff);
    case 'VP8L': {
      const both = bytes.readUInt32LE(21);
      return size((both & 0x3fff) + 1, ((both >>> 14) & 0x3fff) + 1);
    }
    case 'VP8X':
      return size(bytes.readUIntLE(24, 3) + 1, bytes.readUIntLE(27, 3) + 1);
    default:
      return null;
  }
}

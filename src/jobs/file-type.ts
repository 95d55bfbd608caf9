/** Detects the type of an image, video or audio file by its first bytes alone. It ignores names, extensions and response headers. */

export interface FileType {
  mime: string;
  /** Without the dot. */
  extension: string;
  kind: 'image' | 'video' | 'audio';
}

const png = type('image/png', 'png');
const jpeg = type('image/jpeg', 'jpg');
const webp = type('image/webp', 'webp');
const gif = type('image/gif', 'gif');
const avif = type('image/avif', 'avif');
const mp4 = type('video/mp4', 'mp4');
const mov = type('video/quicktime', 'mov');
const webm = type('video/webm', 'webm');
const mkv = type('video/x-matroska', 'mkv');
const wav = type('audio/wav', 'wav');
const mp3 = type('audio/mpeg', 'mp3');
const m4a = type('audio/mp4', 'm4a');
const aac = type('audio/aac', 'aac');
const ogg = type('audio/ogg', 'ogg');

/** The most bytes that are inspected. */
const HEAD_BYTES = 4096;

/** Letters as Latin-1; a `.` is any byte. The first match counts. */
const signatures: readonly (readonly [bytes: string, FileType])[] = [
  ['\x89PNG\r\n\x1a\n', png],
  ['\xff\xd8\xff', jpeg],
  ['GIF87a', gif],
  ['GIF89a', gif],
  ['RIFF....WEBP', webp],
  ['RIFF....WAVE', wav],
  ['RF64....WAVE', wav],
  ['OggS\0', ogg],
  ['ID3', mp3],
];

/** Brands of ISO media files (`ftyp`). A brand not listed is MP4 video only if its compatible brands include one. */
const brands: readonly (readonly [RegExp, FileType | null])[] = [
  [/^avi[fs]$/, avif],
  [/^qt {2}$/, mov],
  [/^(M4[AB] |M4P |F4A )$/, m4a],
  [/^(iso[2-9m]|mp4[12]|avc1|dash|M4V[ HP]|f4v |F4V |MSNV|mmp4|3g[p2].|XAVC)$/, mp4],
];

/** Brands of HEIC, as pictures and sequences. */
const heic = /^(hei[cxms]|hev[cxms])$/;

/** `head` is the beginning of the file: 64 bytes are enough. null: unknown. */
export function fileTypeOf(head: Uint8Array): FileType | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, HEAD_BYTES));
  const text = bytes.toString('latin1');
  const found = signatures.find(([signature]) => beginsWith(text, signature));
  if (found) return found[1];
  if (text.startsWith('\x1a\x45\xdf\xa3')) return matroskaType(text);
  return isoType(bytes, text) ?? frameType(bytes);
}

/** Formats that are recognised only so that a message can name them, as `signatures`. */
const unsupported: readonly (readonly [bytes: string, name: string])[] = [
  ['II*\0', 'TIFF'],
  ['MM\0*', 'TIFF'],
  ['BM....\0\0\0\0', 'BMP'],
  ['%PDF-', 'PDF'],
  ['\0\0\0\x0cJXL ', 'JPEG XL'],
  ['\xff\x0a', 'JPEG XL'],
];

/** What a message calls a file by its first bytes, be it supported or not: `HEIC`. null: unknown. */
export function formatName(head: Uint8Array): string | null {
  const bytes = Buffer.from(head.buffer, head.byteOffset, Math.min(head.byteLength, HEAD_BYTES));
  const known = fileTypeOf(bytes);
  if (known !== null) return known.extension.toUpperCase();
  const text = bytes.toString('latin1');
  if (text.slice(4, 8) === 'ftyp')
    return brandsOf(bytes, text).some((brand) => heic.test(brand)) ? 'HEIC' : null;
  return unsupported.find(([signature]) => beginsWith(text, signature))?.[1] ?? null;
}

function type(mime: string, extension: string): FileType {
  const [kind = ''] = mime.split('/');
  return { mime, extension, kind: kind as FileType['kind'] };
}

function beginsWith(text: string, signature: string): boolean {
  if (text.length < signature.length) return false;
  return [...signature].every((letter, at) => letter === '.' || letter === text[at]);
}

/** The DocType element of EBML: id 42 82, a size of one byte, a name. */
function matroskaType(text: string): FileType | null {
  const name = /\x42\x82[\x84-\x88](webm|matroska)/.exec(text)?.[1];
  return name === 'webm' ? webm : name === 'matroska' ? mkv : null;
}

/** Boxes: four bytes of size, four letters of type. Old QuickTime has no `ftyp` and begins with another box. */
function isoType(bytes: Buffer, text: string): FileType | null {
  const box = text.slice(4, 8);
  if (box !== 'ftyp')
    return bytes[0] === 0 && /^(moov|mdat|wide|free|skip|pnot)$/.test(box) ? mov : null;
  const names = brandsOf(bytes, text);
  const [major = ''] = names;
  const said = brands.find(([brand]) => brand.test(major));
  if (said) return said[1];
  // `mif1` is any still image: AVIF only with that brand. HEIC is not supported, though it may list an MP4 brand too.
  if (names.includes('avif')) return avif;
  const isImage = /^(mif1|msf1)$/.test(major) || heic.test(major);
  return !isImage && names.some((name) => brands.some(([b, t]) => t === mp4 && b.test(name)))
    ? mp4
    : null;
}

/** Of a file that begins with `ftyp`: the major brand, then those it is compatible with. */
function brandsOf(bytes: Buffer, text: string): string[] {
  const end = Math.min(bytes.readUInt32BE(0), bytes.length);
  const names = [text.slice(8, 12)];
  for (let at = 16; at + 4 <= end; at += 4) names.push(text.slice(at, at + 4));
  return names;
}

/** Frames without a container: MPEG audio layer III, or AAC in ADTS. */
function frameType(bytes: Buffer): FileType | null {
  const [first = 0, second = 0, third = 0] = bytes;
  if (bytes.length < 3 || first !== 0xff) return null;
  if ((second & 0xf6) === 0xf0) return (third & 0x3c) >> 2 < 13 ? aac : null;
  const layer3 = (second & 0xe6) === 0xe2 && (second & 0x18) !== 0x08;
  const bitrate = third >> 4;
  const hasRates = bitrate > 0 && bitrate < 15 && (third & 0x0c) !== 0x0c;
  return layer3 && hasRates ? mp3 : null;
}

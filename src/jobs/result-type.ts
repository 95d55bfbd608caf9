/** The type of a result by its first bytes: more kinds than a model takes as input, because what is paid for is saved. */
import { documentKind } from '../transport/document-kind.ts';
import { type FileType, fileTypeOf } from './file-type.ts';

/** Letters as Latin-1; a `.` is any byte. The first match counts. */
const signatures: readonly (readonly [bytes: string, mime: string, extension: string])[] = [
  // Behind the size of the file, two fields that are always 0.
  ['BM....\0\0\0\0', 'image/bmp', 'bmp'],
  ['II*\0', 'image/tiff', 'tiff'],
  ['MM\0*', 'image/tiff', 'tiff'],
  // BigTIFF
  ['II+\0', 'image/tiff', 'tiff'],
  ['MM\0+', 'image/tiff', 'tiff'],
  ['\xff\x0a', 'image/jxl', 'jxl'],
  ['\0\0\0\x0cJXL \r\n\x87\n', 'image/jxl', 'jxl'],
  ['\0\0\0\x0cjP  \r\n\x87\n', 'image/jp2', 'jp2'],
  ['\0\0\x01\0', 'image/x-icon', 'ico'],
  ['8BPS\0\x01', 'image/vnd.adobe.photoshop', 'psd'],
  ['\x76\x2f\x31\x01', 'image/x-exr', 'exr'],
];

/** As the brand of an ISO media file, or as a compatible one of a still image of any kind. */
const heic = /^....ftyp((mif1|msf1)....(....){0,16}?)?(hei[cxms]|hev[cxms])/s;

/** `head`: the first 4096 bytes. null: unknown. */
export function resultTypeOf(head: Uint8Array): FileType | null {
  const known = fileTypeOf(head);
  if (known !== null) return known;
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 256)).toString(
    'latin1',
  );
  if (heic.test(text)) return { mime: 'image/heic', extension: 'heic', kind: 'image' };
  const found = signatures.find(([signature]) => beginsWith(text, signature));
  if (found !== undefined) return { mime: found[1], extension: found[2], kind: 'image' };
  return documentKind(head) === 'svg'
    ? { mime: 'image/svg+xml', extension: 'svg', kind: 'image' }
    : null;
}

function beginsWith(text: string, signature: string): boolean {
  if (text.length < signature.length) return false;
  return [...signature].every((letter, at) => letter === '.' || letter === text[at]);
}

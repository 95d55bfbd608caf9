import { describe, expect, test } from 'vitest';
import { fileTypeOf, formatName } from '../../src/jobs/file-type.ts';

/** Bytes as Latin-1, then some more as a real file has them. */
const bytes = (text: string): Buffer => Buffer.from(`${text}${'\0'.repeat(64)}`, 'latin1');

/** An ISO media file: `ftyp` with these brands, the major one first, and what comes after it. */
function iso(...brands: string[]): Buffer {
  const [major = '', ...compatible] = brands;
  const body = `ftyp${major}\0\0\x02\0${compatible.join('')}`;
  const size = Buffer.alloc(4);
  size.writeUInt32BE(body.length + 4);
  return Buffer.concat([size, bytes(`${body}\0\0\0\x08mdat`)]);
}

const ebml = (type: string): Buffer =>
  bytes(
    `\x1a\x45\xdf\xa3\x9f\x42\x86\x81\x01\x42\xf7\x81\x01\x42\x82${String.fromCharCode(0x80 + type.length)}${type}`,
  );

describe('the type of a file', () => {
  test.each<[string, Buffer, string, string]>([
    ['PNG', bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'image/png', 'png'],
    ['JPEG, JFIF', bytes('\xff\xd8\xff\xe0\0\x10JFIF'), 'image/jpeg', 'jpg'],
    ['JPEG, Exif', bytes('\xff\xd8\xff\xe1'), 'image/jpeg', 'jpg'],
    ['WebP', bytes('RIFF\x24\0\0\0WEBPVP8 '), 'image/webp', 'webp'],
    ['GIF', bytes('GIF89a'), 'image/gif', 'gif'],
    ['old GIF', bytes('GIF87a'), 'image/gif', 'gif'],
    ['AVIF', iso('avif', 'avif', 'mif1', 'miaf'), 'image/avif', 'avif'],
    ['AVIF in motion', iso('avis', 'avis', 'iso8'), 'image/avif', 'avif'],
    ['AVIF as a picture of any kind', iso('mif1', 'mif1', 'avif', 'miaf'), 'image/avif', 'avif'],
    ['MP4 of ffmpeg', iso('isom', 'isom', 'iso2', 'avc1', 'mp41'), 'video/mp4', 'mp4'],
    ['MP4 of version 2', iso('mp42', 'mp42', 'isom'), 'video/mp4', 'mp4'],
    ['MP4 in fragments', iso('iso6', 'iso6', 'dash'), 'video/mp4', 'mp4'],
    ['MP4 of Apple', iso('M4V ', 'M4V ', 'mp42'), 'video/mp4', 'mp4'],
    ['MP4 with QuickTime beside', iso('isom', 'qt  ', 'mp42'), 'video/mp4', 'mp4'],
    ['MP4 of a brand yet unknown', iso('zzzz', 'zzzz', 'mp42'), 'video/mp4', 'mp4'],
    ['QuickTime', iso('qt  ', 'qt  '), 'video/quicktime', 'mov'],
    ['QuickTime without ftyp', bytes('\0\0\0\x08wide\0\0\0\0mdat'), 'video/quicktime', 'mov'],
    ['WebM', ebml('webm'), 'video/webm', 'webm'],
    ['Matroska', ebml('matroska'), 'video/x-matroska', 'mkv'],
    ['WAV', bytes('RIFF\x24\0\0\0WAVEfmt '), 'audio/wav', 'wav'],
    ['MP3 with ID3', bytes('ID3\x04\0'), 'audio/mpeg', 'mp3'],
    ['MP3 of MPEG 1', bytes('\xff\xfb\x90\x64'), 'audio/mpeg', 'mp3'],
    ['MP3 of MPEG 2, with a checksum', bytes('\xff\xf2\x50\x64'), 'audio/mpeg', 'mp3'],
    ['M4A', iso('M4A ', 'M4A ', 'mp42', 'isom'), 'audio/mp4', 'm4a'],
    ['AAC', bytes('\xff\xf1\x50\x80'), 'audio/aac', 'aac'],
    ['AAC with a checksum', bytes('\xff\xf8\x4c\x80'), 'audio/aac', 'aac'],
    ['Ogg', bytes('OggS\0\x02'), 'audio/ogg', 'ogg'],
  ])('is told by its first bytes: %s', (_, head, mime, extension) => {
    const kind = mime.split('/')[0];
    expect(fileTypeOf(head)).toEqual({ mime, extension, kind });
    // Where the bytes lie in a larger buffer does not matter.
    const within = Buffer.concat([Buffer.alloc(3, 'x'), head]);
    expect(fileTypeOf(within.subarray(3))).toEqual({ mime, extension, kind });
  });

  test.each<[string, Buffer]>([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from([0xff])],
    ['zeros', Buffer.alloc(64)],
    ['text', Buffer.from('the quick brown fox')],
    ['HTML', Buffer.from('<!doctype html><html>')],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>')],
    ['JSON', Buffer.from('{"error":{"message":"no"}}')],
    ['UTF-16', Buffer.from('\ufeff<html>', 'utf16le')],
    ['ZIP', bytes('PK\x03\x04')],
    ['PDF', bytes('%PDF-1.7')],
    ['AVI', bytes('RIFF\x24\0\0\0AVI LIST')],
    ['HEIC', iso('heic', 'mif1', 'heic', 'isom')],
    ['HEIC as a picture of any kind', iso('mif1', 'mif1', 'heic', 'mp42')],
    ['JPEG 2000', bytes('\0\0\0\x0cjP  \r\n\x87\n')],
    ['an unknown brand', iso('zzzz', 'yyyy')],
    ['EBML of another kind', ebml('whatever')],
    ['MPEG audio layer II', bytes('\xff\xfd\x90\x64')],
    ['a frame of no bitrate', bytes('\xff\xfb\xf0\x64')],
    ['a frame of a sampling rate that does not exist', bytes('\xff\xf1\x74\x80')],
    ['words that name a box', Buffer.from('sugar\u0020free, and mdat')],
    ['text with free at the fourth byte', Buffer.from('the free film')],
  ])('is not guessed: %s', (_, head) => {
    expect(fileTypeOf(head)).toBeNull();
  });

  test.each<[string, Buffer, string | null]>([
    ['a known one', bytes('\xff\xd8\xff\xe0\0\x10JFIF'), 'JPG'],
    ...['heic', 'heix', 'heim', 'heis', 'hevc', 'hevx', 'hevm', 'hevs'].map(
      (brand): [string, Buffer, string] => [brand, iso(brand, brand), 'HEIC'],
    ),
    ['HEIC as a picture of any kind', iso('mif1', 'mif1', 'heic'), 'HEIC'],
    ['another brand', iso('hevz', 'hevz'), null],
    ['TIFF', bytes('II*\0\b\0'), 'TIFF'],
    ['TIFF of the other order', bytes('MM\0*\0\b'), 'TIFF'],
    ['BMP', bytes('BM\x36\x10\x0e\0\0\0\0\0\x36'), 'BMP'],
    ['PDF', bytes('%PDF-1.7'), 'PDF'],
    ['JPEG XL', bytes('\0\0\0\x0cJXL \r\n\x87\n'), 'JPEG XL'],
    ['JPEG XL without a container', bytes('\xff\x0a\x01\x02'), 'JPEG XL'],
    ['text', Buffer.from('BMW and other cars'), null],
  ])('has a name for messages, supported or not: %s', (_, head, name) => {
    expect(formatName(head)).toBe(name);
  });

  test('is not told by less than a whole signature', () => {
    const png = bytes('\x89PNG\r\n\x1a\n');
    for (let length = 0; length < 8; length += 1)
      expect(fileTypeOf(png.subarray(0, length))).toBeNull();
    expect(fileTypeOf(Buffer.from('RIFF\x24\0\0\0WEB', 'latin1'))).toBeNull();
    expect(fileTypeOf(Buffer.from('\0\0\0\x18ftyp', 'latin1'))).toBeNull();
  });
});

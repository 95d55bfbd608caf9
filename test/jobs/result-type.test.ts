import { describe, expect, test } from 'vitest';
import { resultTypeOf } from '../../src/jobs/result-type.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('the type of a result', () => {
  test.each<[string, Buffer, string, string]>([
    ['PNG', bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'image/png', 'png'],
    ['HEIC', bytes('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'image/heic', 'heic'],
    ['HEIC in motion', bytes('\0\0\0\x18ftyphevc\0\0\0\0msf1hevc'), 'image/heic', 'heic'],
    [
      'HEIC as a picture of any kind',
      bytes('\0\0\0\x1cftypmif1\0\0\0\0mif1miafheic'),
      'image/heic',
      'heic',
    ],
    [
      'AVIF as a picture of any kind',
      bytes('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf'),
      'image/avif',
      'avif',
    ],
    ['JPEG 2000', bytes('\0\0\0\x0cjP  \r\n\x87\n'), 'image/jp2', 'jp2'],
    ['JPEG XL', bytes('\0\0\0\x0cJXL \r\n\x87\n'), 'image/jxl', 'jxl'],
    ['JPEG XL without a container', bytes('\xff\x0a\x01\x02'), 'image/jxl', 'jxl'],
    ['BMP', bytes('BM\x36\x10\x0e\0\0\0\0\0\x36'), 'image/bmp', 'bmp'],
    ['TIFF', bytes('II*\0\b\0'), 'image/tiff', 'tiff'],
    ['TIFF of the other order', bytes('MM\0*\0\b'), 'image/tiff', 'tiff'],
    ['BigTIFF', bytes('II+\0\b\0'), 'image/tiff', 'tiff'],
    ['BigTIFF of the other order', bytes('MM\0+\0\b'), 'image/tiff', 'tiff'],
    ['an icon', bytes('\0\0\x01\0\x01\0'), 'image/x-icon', 'ico'],
    ['Photoshop', bytes('8BPS\0\x01\0\0'), 'image/vnd.adobe.photoshop', 'psd'],
    ['OpenEXR', bytes('\x76\x2f\x31\x01\x02\0'), 'image/x-exr', 'exr'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'image/svg+xml', 'svg'],
    [
      'SVG behind a prolog',
      Buffer.from('\ufeff<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "b">\n<!-- x --><svg:svg>'),
      'image/svg+xml',
      'svg',
    ],
  ])('is told by its first bytes: %s', (_, head, mime, extension) => {
    expect(resultTypeOf(head)).toEqual({ kind: 'image', mime, extension });
  });

  test.each(['<!doctype html><html>', '<html><svg/></html>', 'BMW and other cars', '{}', ''])(
    'is not guessed: %s',
    (text) => {
      expect(resultTypeOf(Buffer.from(text))).toBeNull();
    },
  );
});

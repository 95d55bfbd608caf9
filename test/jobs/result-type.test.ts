import { describe, expect, test } from 'vitest';
import { resultTypeOf } from '../../src/jobs/result-type.ts';

const bytes = (text: string): Buffer => Buffer.from(text, 'latin1');

describe('the type of a result', () => {
  test.each<[string, Buffer, string]>([
    ['PNG', bytes('\x89PNG\r\n\x1a\n\0\0\0\rIHDR'), 'png'],
    ['HEIC', bytes('\0\0\0\x18ftypheic\0\0\0\0mif1heic'), 'heic'],
    ['HEIC as a picture of any kind', bytes('\0\0\0\x1cftypmif1\0\0\0\0mif1miafheic'), 'heic'],
    ['AVIF as a picture of any kind', bytes('\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf'), 'avif'],
    ['JPEG 2000', bytes('\0\0\0\x0cjP  \r\n\x87\n'), 'jp2'],
    ['JPEG XL', bytes('\0\0\0\x0cJXL \r\n\x87\n'), 'jxl'],
    ['JPEG XL without a container', bytes('\xff\x0a\x01\x02'), 'jxl'],
    ['BMP', bytes('BM\x36\x10\x0e\0\0\0\0\0\x36'), 'bmp'],
    ['TIFF', bytes('II*\0\b\0'), 'tiff'],
    ['BigTIFF of the other order', bytes('MM\0+\0\b'), 'tiff'],
    ['SVG', Buffer.from('<svg xmlns="http://www.w3.org/2000/svg"/>'), 'svg'],
    [
      'SVG behind a prolog',
      Buffer.from('\ufeff<?xml version="1.0"?><!DOCTYPE svg PUBLIC "a" "b">\n<!-- x --><svg:svg>'),
      'svg',
    ],
  ])('is told by its first bytes: %s', (_, head, extension) => {
    expect(resultTypeOf(head)).toMatchObject({ kind: 'image', extension });
  });

  test.each(['<!doctype html><html>', '<html><svg/></html>', 'BMW and other cars', '{}', ''])(
    'is not guessed: %s',
    (text) => {
      expect(resultTypeOf(Buffer.from(text))).toBeNull();
    },
  );
});

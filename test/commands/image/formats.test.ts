import { describe, expect, test } from 'vitest';
import { draw } from '../../helpers/image.ts';

function iso(...brands: string[]): Buffer {
  const [major = '', ...others] = brands;
  const body = `ftyp${major}\0\0\0\0${others.join('')}`;
  return Buffer.concat([
    Buffer.from([0, 0, 0, body.length + 4]),
    Buffer.from(body),
    Buffer.alloc(99),
  ]);
}

const latin = (text: string): Buffer => Buffer.from(`${text}${'\0'.repeat(64)}`, 'latin1');

describe('an image of a format that the gateway does not take', () => {
  test.each([
    ['HEIC', 'x.heic', iso('heic', 'mif1', 'heic')],
    ['HEIC', 'x.jpg', iso('heix', 'mif1')],
    ['HEIC', 'x.HEIF', iso('mif1', 'mif1', 'heic', 'mp42')],
    ['AVIF', 'x.avif', iso('avif', 'mif1')],
    ['GIF', 'x.gif', latin('GIF89a')],
    ['TIFF', 'x.tif', latin('II*\0')],
    ['TIFF', 'x.tif', latin('MM\0*')],
    ['BMP', 'x.bmp', latin('BM\x36\x10\0\0\0\0\0\0')],
    ['PDF', 'x.pdf', latin('%PDF-1.7')],
    ['MP4', 'x.mp4', iso('isom', 'mp42')],
    ['JPEG XL', 'x.jxl', latin('\0\0\0\x0cJXL \r\n\x87\n')],
  ])('%s (%s): 2, nothing sent, its name and what works', async (format, name, bytes) => {
    for (const flags of [
      ['--image', name],
      ['--image', name, 'Make it red'],
      ['--image', name, '--dry-run'],
    ]) {
      const { code, world, gateway } = await draw({}, flags, { home: { [name]: bytes } });
      expect(code).toBe(2);
      expect(gateway.requests).toEqual([]);
      expect(world.err()).toContain(`--image ${name}: ${format} is not a supported file type`);
      expect(world.err()).toContain('PNG, JPEG or WebP');
    }
  });

  test.each(['BMW is a car', '', 'the quick brown fox'])('%j: no name is guessed', async (text) => {
    const { code, world, gateway } = await draw({}, ['--image', 'x'], {
      home: { x: Buffer.from(text) },
    });
    expect(code).toBe(2);
    expect(gateway.requests).toEqual([]);
    expect(world.err()).toContain('--image x: not a supported file type');
  });
});

import { describe, expect, test } from 'vitest';
import { BadBase64, Base64Decoder } from '../../src/jobs/base64.ts';

/** The bytes of a text that comes in pieces. */
function decode(...pieces: (string | Uint8Array)[]): Buffer {
  const decoder = new Base64Decoder();
  const parts = pieces.map((piece) => decoder.push(Buffer.from(piece)));
  return Buffer.concat([...parts, decoder.end()]);
}

function inPieces(text: string, size: number): string[] {
  return text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
}

/** Where a text is wrong; null when it is right. */
function wrongAt(...pieces: string[]): number | null {
  try {
    decode(...pieces);
    return null;
  } catch (error) {
    if (error instanceof BadBase64) return error.offset;
    throw error;
  }
}

/** Every byte, and every number of bytes in the last group. */
const samples = [0, 1, 2, 3, 4, 5, 255, 256, 70_000, 200_001].map((length) =>
  Buffer.from(Array.from({ length }, (_, at) => (at * 7 + (at >> 8)) & 255)),
);

describe('base64', () => {
  test('comes back as the bytes it was made of', () => {
    for (const bytes of samples) {
      expect(decode(bytes.toString('base64')).equals(bytes)).toBe(true);
      const urlSafe = bytes.toString('base64url');
      if (/[-_]/.test(urlSafe)) expect(decode(urlSafe).equals(bytes)).toBe(true);
    }
  });

  test.each([1, 2, 3, 5, 64, 65_537])('may be cut anywhere: pieces of %i', (size) => {
    for (const bytes of samples.filter(({ length }) => length < 1000 || size > 60))
      expect(decode(...inPieces(bytes.toString('base64'), size)).equals(bytes)).toBe(true);
  });

  test('gives each byte as soon as it is sure, in an array of its own', () => {
    const decoder = new Base64Decoder();
    const piece = Buffer.from('QUJDREVG');
    const bytes = decoder.push(piece);
    piece.fill(0);
    expect(Buffer.from(bytes).toString()).toBe('ABCDEF');
    expect(decoder.push(Buffer.from('Rw'))).toHaveLength(0);
    expect(decoder.push(Buffer.from('=='))).toHaveLength(0);
    expect(Buffer.from(decoder.end()).toString()).toBe('G');
  });

  test('may come through one array that is used again', () => {
    const decoder = new Base64Decoder();
    const window = Buffer.alloc(3);
    const parts = inPieces('QUJ\\u0044QUJD', 3).map((piece) => {
      const bytes = window.subarray(0, window.write(piece));
      return Buffer.from(decoder.push(bytes));
    });
    expect(Buffer.concat([...parts, decoder.end()]).toString()).toBe('ABCABC');
  });

  test('of the URL-safe alphabet may lack its padding', () => {
    const bytes = Buffer.from([0xfb, 0xff, 0xbf, 0xfb]);
    expect(decode('-_-_-w')).toEqual(bytes);
    expect(decode('-_-_-w==')).toEqual(bytes);
  });

  test('may lack its padding', () => {
    expect(decode('QUI').toString()).toBe('AB');
    expect(decode('QQ').toString()).toBe('A');
  });

  test('may hold white space anywhere, however it is written and cut', () => {
    for (const text of ['QUJD QUJD', ' QU\tJD\r\nQUJD\n', 'QUJD\\r\\nQUJD\\n', 'QUJ DQUJD\\t\\f'])
      for (const size of [1, 3, 50])
        expect(decode(...inPieces(text, size)).toString()).toBe('ABCABC');
    expect(decode('QQ =\n= \n').toString()).toBe('A');
    expect(decode(' \ndata:image/png;base64, QQ').toString()).toBe('A');
  });

  test('may begin as a data: URL, however it is cut', () => {
    for (const head of ['data:image/png;base64,', 'DATA:;Base64,', 'data:a/b;c=d;base64,'])
      for (const size of [1, 3, 50])
        expect(decode(...inPieces(`${head}QUJD`, size)).toString()).toBe('ABC');
  });

  test('may begin with the letters of data: and be none', () => {
    for (const text of ['data', 'dat=', 'datadata', 'dA==', 'daTA', 'dataAAAA'])
      for (const size of [1, 2, 9])
        if (wrongAt(text) === null)
          expect(decode(...inPieces(text, size))).toEqual(Buffer.from(text, 'base64'));
    expect(wrongAt('data', 'data')).toBeNull();
  });
});

describe('JSON escapes', () => {
  test.each([
    ['\\/\\/\\/\\/', '////'],
    ['\\u002b\\u002B\\u002f\\u002F', '++//'],
    ['QU\\u003d\\u003D', 'QU=='],
    ['\\u0051\\u0055JD', 'QUJD'],
  ])('are letters, however they are cut: %s', (escaped, plain) => {
    if (plain === 'QU==') expect(wrongAt(plain)).not.toBeNull();
    else
      for (const size of [1, 2, 3, 4, 5, 7, 100])
        expect(decode(...inPieces(escaped, size))).toEqual(Buffer.from(plain, 'base64'));
  });

  test('stand in the padding and in the data: head as well', () => {
    expect(decode('data:image\\/png;base64,QQ\\u003d\\u003d').toString()).toBe('A');
  });

  test.each([
    ['QUJD\\"QUJD', 4],
    ['QUJD\\\\', 4],
    ['QUJD\\u0000', 4],
    ['QUJD\\u0141', 4],
    ['QUJD\\u00', 8],
    ['QUJD\\', 5],
    ['QUJD\\uzzzz', 4],
    ['\\/\\/\\/\\/!', 8],
  ])('of anything else are wrong: %s at %i', (text, offset) => {
    expect(wrongAt(text)).toBe(offset);
    expect(wrongAt(...inPieces(text, 1))).toBe(offset);
  });
});

describe('what is not base64', () => {
  test.each([
    ['a foreign character', 'QUJ!', 3],
    ['beyond ASCII', 'QUJDé', 4],
    ['a byte 0', 'QUJD\0', 4],
    ['both alphabets', 'QU+-', 3],
    ['both alphabets, far apart', `AAA_${'A'.repeat(100_000)}/`, 100_004],
    ['text after the padding', 'QQ==QUJD', 4],
    ['a letter in the padding', 'QQ=Q', 3],
    ['one = too many', 'QQ===', 4],
    ['= after a whole group', 'QUJD=', 4],
    ['= after one letter', 'Q===', 1],
    ['nothing but padding', '====', 0],
    ['one = too few', 'QQ=', 3],
    ['one = too few, URL-safe', '-_-_-w=', 7],
    ['one letter left over', 'QUJDQ', 5],
    ['one letter left over, URL-safe', '-_-_-', 5],
    ['leftover bits', 'QR==', 4],
    ['leftover bits of three letters', 'QUJ=', 4],
    ['leftover bits, URL-safe', '-_-_-x', 6],
    ['a data: URL of text', 'data:text/plain,QUJD', 15],
    ['a data: head without end', 'data:image/png;base64', 21],
    ['a second data: head', 'data:;base64,data:;base64,QUJD', 17],
    ['a data: head in the middle', 'QUJDdata:;base64,QUJD', 8],
  ])('is refused, and told where: %s', (_, text, offset) => {
    expect(wrongAt(text)).toBe(offset);
    const size = text.length > 1000 ? 999 : 1;
    expect(wrongAt(...inPieces(text, size))).toBe(offset);
  });

  test('is refused in a data: head that does not end', () => {
    expect(wrongAt(`data:${'x'.repeat(10_000)}`)).toBeLessThan(1000);
  });

  test('is refused where Node would skip it, at any place of a large text', () => {
    const good = samples[8]?.toString('base64') ?? '';
    for (const at of [0, 1, 65_535, 65_536, 65_537, good.length - 5]) {
      const bad = `${good.slice(0, at)}*${good.slice(at + 1)}`;
      expect(wrongAt(bad)).toBe(at);
      expect(wrongAt(...inPieces(bad, 10_000))).toBe(at);
    }
  });

  test('is named in the message without the text around it', () => {
    expect(() => decode('QUJDsecret!')).toThrow(/^not base64: .* at byte 10$/);
  });
});

import { describe, expect, test } from 'vitest';
import { itemsOf, type Json, startClient } from './client.ts';
import { type Png, readPng, shows } from './png.ts';

async function pictures(fields: Json): Promise<Png[]> {
  const client = await startClient();
  const reply = await client.pollImage(await client.image(fields));
  return itemsOf(reply).map((item) => readPng(Buffer.from(String(item.b64_json), 'base64')));
}

async function picture(fields: Json): Promise<Png> {
  const [first] = await pictures(fields);
  if (!first) throw new Error('no picture');
  return first;
}

describe('the picture', () => {
  test.each([
    ['256x256', 256, 256],
    ['1024x1024', 1024, 1024],
    ['auto', 1024, 1024],
    ['1536x1024', 1536, 1024],
    ['1024x1536', 1024, 1536],
    ['3840x2160', 3840, 2160],
    ['16x16', 16, 16],
    ['16x48', 16, 48],
  ])('for %s has that many pixels', async (size, width, height) => {
    expect(await picture({ size })).toMatchObject({ width, height });
  });

  // Each text is its first letters as dots.
  test.each([
    ['its first line', {}, ['.###.', '....#', '.####', '#...#', '.####']],
    [
      'no model is behind it',
      {},
      ['#.##...###.', '##..#.#...#', '#...#.#...#', '#...#.#...#', '#...#..###.'],
    ],
    ['the prompt', { prompt: 'Zx' }, ['#####.', '....#.', '...#..', '..#...', '.#....', '#.....']],
    [
      'the prompt on one line',
      { prompt: 'Z\n\tx' },
      [
        '#####............',
        '....#............',
        '...#........#...#',
        '..#..........#.#.',
        '.#............#..',
        '#............#.#.',
        '#####.......#...#',
      ],
    ],
    [
      'a question mark for what its letters cannot say',
      { prompt: '漢' },
      ['.###.', '#...#', '....#', '...#.', '..#..', '.....', '..#..'],
    ],
  ])('says %s', async (_what, fields, dots) => {
    expect(shows(await picture(fields), 2, dots)).toBe(true);
  });

  test('does not say a prompt that is another one', async () => {
    const dots = ['#####.', '....#.', '...#..', '..#...', '.#....', '#.....'];
    expect(shows(await picture({ prompt: 'a red fox' }), 2, dots)).toBe(false);
  });

  test('is the same for the same request, and another one for another prompt or seed', async () => {
    const corner = async (fields: Json): Promise<string> =>
      String((await picture(fields)).at(0, 0));
    const usual = await corner({ prompt: 'a' });
    expect(await corner({ prompt: 'a' })).toBe(usual);
    expect(await corner({ prompt: 'b' })).not.toBe(usual);
    expect(await corner({ prompt: 'a', seed: 7 })).not.toBe(usual);
  });

  test('can be seen through where that was asked for, but not at its text', async () => {
    const clear = await picture({ background: 'transparent' });
    expect(clear.isClearAt(0, 0)).toBe(true);
    expect(clear.isClearAt(128, 128)).toBe(false);
    expect((await picture({})).isClearAt(0, 0)).toBe(false);
  });

  test.each(['jpeg', 'webp'])('is PNG and says so, also for %s', async (format) => {
    const client = await startClient();
    const reply = await client.pollImage(await client.image({ output_format: format }));
    const [item] = itemsOf(reply);
    expect(reply.json.output_format).toBe('png');
    expect(item?.mime_type).toBe('image/png');
    expect(readPng(Buffer.from(String(item?.b64_json), 'base64')).width).toBe(256);
  });

  test('has the chunks that a PNG needs, in order', async () => {
    const { chunks } = await picture({});
    expect(chunks).toEqual(['IHDR', 'tEXt', 'PLTE', 'IDAT', 'tEXt', 'IEND']);
  });
});

import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  type Asked,
  type AskOptions,
  answerWell,
  ask,
  chat,
  errLines,
  worldAt,
} from '../../helpers/ask.ts';
import { startServer } from '../../helpers/server.ts';

const png = Buffer.concat([Buffer.from('89504e470d0a1a0a', 'hex'), Buffer.from('pixels')]);
const images: [string, Buffer][] = [
  ['image/png', png],
  ['image/jpeg', Buffer.from('ffd8ffe000104a464946', 'hex')],
  ['image/gif', Buffer.from('GIF89a......')],
  ['image/gif', Buffer.from('GIF87a......')],
  ['image/webp', Buffer.from('RIFF....WEBPVP8 ')],
];

const withFiles = (
  home: Record<string, string | Uint8Array>,
  argv: readonly string[],
  options: AskOptions = {},
): Promise<Asked> => ask(answerWell, argv, { ...options, home });

function userContent({ server }: Asked): unknown {
  const messages = server.requests[0]?.json?.messages as { role: string; content: unknown }[];
  return messages.findLast(({ role }) => role === 'user')?.content;
}

describe('chat -f', () => {
  test('puts a text file before the question, with its name', async () => {
    const asked = await withFiles({ 'notes.md': '# One\n' }, ['-f', 'notes.md', 'What?']);
    expect(userContent(asked)).toBe('<file name="notes.md">\n# One\n\n</file>\n\nWhat?');
  });

  test('takes several, in their order', async () => {
    const asked = await withFiles({ a: 'AA', b: 'BB' }, ['-f', 'b', '-f', 'a', 'What?']);
    const content = userContent(asked) as string;
    expect(content.indexOf('BB')).toBeLessThan(content.indexOf('AA'));
    expect(content.endsWith('\n\nWhat?')).toBe(true);
  });

  test.each(images)('sends %s by its bytes, whatever its name', async (mime, bytes) => {
    const asked = await withFiles({ 'picture.txt': bytes }, ['-f', 'picture.txt', 'What?']);
    expect(userContent(asked)).toEqual([
      { type: 'image_url', image_url: { url: `data:${mime};base64,${bytes.toString('base64')}` } },
      { type: 'text', text: 'What?' },
    ]);
  });

  test('sends text that is named like an image as text', async () => {
    const asked = await withFiles({ 'fake.png': 'no image' }, ['-f', 'fake.png', 'What?']);
    expect(userContent(asked)).toContain('no image');
  });

  test('mixes text and images in their order', async () => {
    const asked = await withFiles({ a: 'AA', p: png }, ['-f', 'a', '-f', 'p', 'What?']);
    const parts = userContent(asked) as { type: string }[];
    expect(parts.map(({ type }) => type)).toEqual(['text', 'image_url', 'text']);
  });

  test('hands an image URL on as it is', async () => {
    const url = 'https://example.com/a%20b.jpg?x=1';
    const asked = await withFiles({}, ['-f', url, 'What?']);
    expect(userContent(asked)).toContainEqual({ type: 'image_url', image_url: { url } });
  });

  test('refuses a URL with a password in it', async () => {
    const asked = await withFiles({}, ['-f', 'https://me:hunter2@example.com/a.jpg', 'What?']);
    expect(asked.code).toBe(2);
    expect(asked.world.err()).not.toContain('hunter2');
    expect(asked.server.requests).toEqual([]);
  });

  test('reads - from standard input: text', async () => {
    const asked = await withFiles({}, ['-f', '-', 'What?'], { stdin: 'piped' });
    expect(userContent(asked)).toBe('<file name="stdin">\npiped\n</file>\n\nWhat?');
  });

  test('reads - from standard input: an image', async () => {
    const asked = await withFiles({}, ['-f', '-', 'What?'], { stdin: png });
    expect(userContent(asked)).toContainEqual({
      type: 'image_url',
      image_url: { url: `data:image/png;base64,${png.toString('base64')}` },
    });
  });

  test('needs no prompt beside it', async () => {
    const asked = await withFiles({ a: 'Translate this' }, ['-f', 'a']);
    expect(asked.code).toBe(0);
    expect(userContent(asked)).toContain('Translate this');
  });

  test('takes an absolute path, and a name that begins with a dash', async () => {
    const asked = await withFiles({ '-x': 'dash' }, ['-f', './-x', 'What?']);
    expect(userContent(asked)).toContain('dash');
    const server = await startServer(answerWell);
    const world = worldAt(server);
    const path = world.write('abs.txt', 'absolute');
    expect(await chat(world, '-f', path, 'What?')).toBe(0);
    expect(server.requests[0]?.body).toContain('absolute');
  });

  const bad: [string, string[], RegExp][] = [
    ['a file that is not there', ['-f', 'missing.txt'], /-f missing\.txt: no such file/],
    ['a path through a file', ['-f', 'bin/x'], /-f bin\/x: no such file/],
    ['a directory', ['-f', '.'], /-f \.: is a directory/],
    [
      'bytes that are neither',
      ['-f', 'bin'],
      /-f bin: neither UTF-8 text nor a PNG, JPEG, GIF or WebP image/,
    ],
    ['text with a NUL', ['-f', 'nul'], /-f nul: neither UTF-8 text/],
    ['a file URL', ['-f', 'file:///etc/passwd'], /-f file:\/\/\/etc\/passwd: no such file/],
    ['a bad URL', ['-f', 'https://'], /-f https:\/\/: not a URL/],
  ];
  test.each(bad)('refuses %s', async (_what, argv, message) => {
    const files = { bin: Buffer.from('7f454c46ff00fe', 'hex'), nul: 'a\0b' };
    const asked = await withFiles(files, [...argv, 'What?']);
    expect(asked.code).toBe(2);
    expect(errLines(asked.world)[0]).toMatch(message);
    expect(asked.server.requests).toEqual([]);
  });

  test('refuses 33 MB', async () => {
    const asked = await withFiles({ big: Buffer.alloc(33 * 1024 * 1024, 97) }, [
      '-f',
      'big',
      'What?',
    ]);
    expect(asked.code).toBe(2);
    expect(errLines(asked.world)[0]).toMatch(/-f big: larger than 32 MB/);
  });
});

describe('chat -s @file', () => {
  test('reads the instructions from a file', async () => {
    const asked = await withFiles({ 'role.txt': 'Be a poet' }, ['-s', '@role.txt', 'Hi']);
    expect(asked.server.requests[0]?.json?.messages).toEqual([
      { role: 'system', content: 'Be a poet' },
      { role: 'user', content: 'Hi' },
    ]);
  });

  test('refuses a binary one', async () => {
    const asked = await withFiles({ 'role.bin': png }, ['-s', '@role.bin', 'Hi']);
    expect(asked.code).toBe(2);
    // Images are no choice here.
    expect(asked.world.err()).toMatch(/--system role\.bin: not UTF-8 text/);
  });

  test('never reads a file from the working directory that no flag names', async () => {
    const server = await startServer(answerWell);
    const world = worldAt(server);
    const elsewhere = join(world.home, 'project');
    mkdirSync(elsewhere);
    for (const name of ['config.json', '.env', '.alltoken.json', 'alltoken.json'])
      writeFileSync(join(elsewhere, name), '{"gateway":"nonsense"}\nALLTOKEN_GATEWAY=nonsense\n');
    Object.assign(world.deps, { workingDirectory: elsewhere });
    expect(await chat(world, 'Hi')).toBe(0);
  });
});

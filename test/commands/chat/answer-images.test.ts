/** Images in a chat reply: they were paid for, so they are saved; and the sources that an answer names. */
import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type Asked, ask, chat, filesBelow, stream, whole, worldAt } from '../../helpers/ask.ts';
import { chunk, sendStream, startServer } from '../../helpers/server.ts';

const png = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
const base64 = png.toString('base64');
const dataUrl = `data:image/png;base64,${base64}`;
const done = 'data: [DONE]\n\n';

interface File {
  path: string;
  bytes: number;
  mime: string;
  sha256: string;
}

function filesOf({ world }: Asked): File[] {
  return world.json().files as File[];
}

const ends = [chunk({}, 'stop'), done];

describe('an image in a chat reply', () => {
  test.each<[string, Record<string, unknown>]>([
    ['W18: images', { content: '', images: [{ type: 'image_url', image_url: { url: dataUrl } }] }],
    ['images, as text', { content: '', images: [dataUrl] }],
    ['images, bare base64 (Ollama)', { content: '', images: [base64] }],
    ['a part image_url', { content: [{ type: 'image_url', image_url: { url: dataUrl } }] }],
    ['a part image_url, flat', { content: [{ type: 'image_url', image_url: dataUrl }] }],
    ['a part output_image', { content: [{ type: 'output_image', b64_json: base64 }] }],
    [
      'a part image with a source',
      {
        content: [
          { type: 'image', source: { type: 'base64', media_type: 'image/png', data: base64 } },
        ],
      },
    ],
    [
      'inline_data',
      { content: '', images: [{ inline_data: { mime_type: 'image/png', data: base64 } }] },
    ],
    [
      'a part inlineData without a type',
      { content: [{ inlineData: { mimeType: 'image/png', data: base64 } }] },
    ],
    ['base64 with line breaks', { content: '', images: [dataUrl.replace(/(.{60})/g, '$1\n')] }],
    ['base64 without padding', { content: '', images: [dataUrl.replace(/=+$/, '')] }],
  ])('is saved: %s', async (_what, delta) => {
    const asked = await ask(stream(chunk(delta), ...ends), ['--json', 'Draw']);
    const { code, world } = asked;
    expect([code, world.json().warnings]).toEqual([0, []]);
    const [file] = filesOf(asked);
    expect(file).toMatchObject({ bytes: png.length, mime: 'image/png' });
    expect(file?.path).toMatch(/\/alltoken-chat-[0-9a-f]{8}\.png$/);
    expect(readFileSync(file?.path ?? '')).toEqual(png);
    expect(world.err()).toContain(`[file] ${file?.path}\n`);
    expect(world.out() + world.err()).not.toContain(base64.slice(0, 40));
    expect(Object.keys(filesBelow(world.home)).filter((name) => /\.part$/.test(name))).toEqual([]);
  });

  test('of a reply in one piece is saved, once, beside its text', async () => {
    const image = { type: 'image_url', image_url: { url: dataUrl } };
    const message = { content: [{ type: 'text', text: 'A cat.' }, image], images: [image] };
    const body = JSON.stringify({ choices: [{ message, finish_reason: 'stop' }] });
    const asked = await ask(whole(200, 'application/json', body), [
      '--no-stream',
      '--json',
      'Draw',
    ]);
    expect(asked.world.json().text).toBe('A cat.');
    expect(filesOf(asked)).toHaveLength(1);
  });

  test('is on stderr in text mode, and -q silences it', async () => {
    const reply = stream(chunk({ content: 'A cat.', images: [dataUrl] }), ...ends);
    const { world } = await ask(reply, ['Draw']);
    expect(world.out()).toBe('A cat.\n');
    expect(world.err()).toMatch(/\[file\] \/.*alltoken-chat-[0-9a-f]{8}\.png\n\[usage\]/);
    expect((await ask(reply, ['-q', 'Draw'])).world.err()).toBe('');
  });

  test('goes to --out, which has to be there before anything is bought', async () => {
    const server = await startServer((response) =>
      sendStream(response, chunk({ images: [dataUrl] }) + ends.join('')),
    );
    const world = worldAt(server);
    mkdirSync(join(world.home, 'pics'));
    expect(await chat(world, '--json', '-o', 'pics', 'Draw')).toBe(0);
    const [file] = world.json().files as File[];
    expect(file?.path).toMatch(new RegExp(`^${join(world.home, 'pics')}/alltoken-chat-`));
    expect(await chat(world, '-o', 'nowhere', 'Draw')).toBe(50);
    expect(world.err()).toMatch(/\nhint: mkdir -p \S*nowhere\n$/);
    expect(server.requests).toHaveLength(1);
  });

  test('with an address is downloaded', async () => {
    const server = await startServer((response, request) => {
      if (request.method === 'GET') response.end(png);
      else
        sendStream(
          response,
          chunk({ images: [{ url: `http://127.0.0.1:${server.port}/a.png?sig=secret` }] }) +
            ends.join(''),
        );
    });
    const world = worldAt(server);
    expect(await chat(world, '--json', 'Draw')).toBe(0);
    const [file] = world.json().files as File[];
    expect(readFileSync(file?.path ?? '')).toEqual(png);
    expect(world.json().urls).toEqual([]);
    expect(server.requests.at(-1)?.headers.authorization).toBeUndefined();
    expect(world.err()).not.toContain('secret');
  });

  test('whose address is dead is partial, and its address is in the JSON', async () => {
    const server = await startServer((response, request) => {
      if (request.method === 'GET') response.writeHead(403).end();
      else
        sendStream(
          response,
          chunk({ content: 'x', images: [{ url: `http://127.0.0.1:${server.port}/a.png` }] }) +
            ends.join(''),
        );
    });
    const world = worldAt(server);
    expect(await chat(world, '--json', 'Draw')).toBe(40);
    expect(world.json()).toMatchObject({
      text: 'x',
      error: { billed: 'yes' },
      urls: [{ url: `http://127.0.0.1:${server.port}/a.png`, expires_at: null }],
    });
  });

  test('of an unknown kind is saved with a warning', async () => {
    const svg = 'data:image/svg+xml,%3Csvg%2F%3E';
    const asked = await ask(stream(chunk({ images: [svg] }), ...ends), ['--json', 'Draw']);
    const [file] = filesOf(asked);
    expect(file?.path).toMatch(/\.svg$/);
    expect(readFileSync(file?.path ?? '', 'utf8')).toBe('<svg/>');
    expect(asked.world.json().warnings).toEqual([expect.stringContaining('not a known image')]);
  });

  test('whose base64 is damaged is saved as it came', async () => {
    const damaged = `data:image/png;base64,${base64.slice(0, 40)}***`;
    const asked = await ask(stream(chunk({ images: [damaged] }), ...ends), ['--json', 'Draw']);
    const [file] = filesOf(asked);
    expect(readFileSync(file?.path ?? '', 'utf8')).toBe(damaged);
    expect(asked.world.json().warnings).toEqual([expect.stringContaining('damaged')]);
  });

  test('of an answer that broke off is saved, too', async () => {
    const asked = await ask(stream(chunk({ content: 'x', images: [dataUrl] })), ['--json', 'Draw']);
    expect(asked.code).toBe(40);
    expect(filesOf(asked)).toHaveLength(1);
    expect(asked.world.err()).toContain('[file]');
  });

  test('that is none is not lost without a word', async () => {
    const { world } = await ask(
      stream(chunk({ content: 'x', images: [{ id: 'file-1' }] }), ...ends),
      ['--json', 'Draw'],
    );
    expect(world.json().warnings).toEqual([expect.stringContaining('an image')]);
  });

  test.each<[string, (base64: string) => string]>([
    ['as a data: URL', (large) => `data:image/png;base64,${large}`],
    ['as bare base64', (large) => large],
  ])('of 20 MB in one event is saved, %s', async (_, urlOf) => {
    const bytes = Buffer.concat([png, Buffer.alloc(20_000_000, 7)]);
    const url = urlOf(bytes.toString('base64'));
    const picture = chunk({ content: 'here', images: [{ image_url: { url } }] });
    const asked = await ask(stream(picture, ...ends), ['--json', 'Draw']);
    expect(asked.code).toBe(0);
    expect(filesOf(asked)).toMatchObject([{ bytes: bytes.length, mime: 'image/png' }]);
  });

  test('of 13 MB of base64 is in no trace either', async () => {
    const large = `${Buffer.alloc(9_900_000, 65).toString('base64')}`;
    const reply = { choices: [{ message: { images: [`data:image/png;base64,${large}`] } }] };
    const { code, world } = await ask(whole(200, 'application/json', JSON.stringify(reply)), [
      '--debug',
      'Draw',
    ]);
    expect(code).not.toBe(1);
    expect(world.err()).toMatch(/;base64,… \(13200000 characters\)/);
    expect(world.err().length).toBeLessThan(10_000);
  });

  test('of a few bytes is in no trace', async () => {
    const { world } = await ask(stream(chunk({ images: [dataUrl] }), ...ends), ['--debug', 'Draw']);
    expect(world.err()).toContain(';base64,… (');
    expect(world.err()).not.toContain(base64.slice(0, 24));
  });

  test('is in no trace', async () => {
    const big = Buffer.concat([png, Buffer.alloc(3000, 7)]).toString('base64');
    const url = `data:image/png;base64,${big}`;
    const { world } = await ask(stream(chunk({ images: [url] }), ...ends), ['--debug', 'Draw']);
    expect(world.err()).toContain('characters)');
    expect(world.err()).not.toMatch(/[A-Za-z0-9+/]{256}/);
    const body = JSON.stringify({
      choices: [{ message: { images: [url] }, finish_reason: 'stop' }],
    });
    const json = await ask(whole(200, 'application/json', body), ['--debug', '--jsonl', 'Draw']);
    expect(json.world.err() + json.world.out()).not.toMatch(/[A-Za-z0-9+/]{256}/);
  });
});

describe('sources', () => {
  const url = 'https://example.com/a?q=1';

  test.each<[string, string[], unknown[]]>([
    [
      'W22: citations',
      [
        `data: {"choices":[{"delta":{"content":"x"}}],"citations":["${url}","${url}","https://b.example"]}\n\n`,
      ],
      [
        { url, title: null },
        { url: 'https://b.example', title: null },
      ],
    ],
    [
      'W22: citations and search_results',
      [
        `data: {"choices":[{"delta":{"content":"x"}}],"citations":["${url}"],"search_results":[{"title":"A\\u001b[2J\\nb","url":"${url}","date":null}]}\n\n`,
      ],
      [{ url, title: 'A b' }],
    ],
    [
      'W22: annotations',
      [
        chunk({
          content: 'x',
          annotations: [
            { type: 'url_citation', url_citation: { url, title: 'A', start_index: 0 } },
          ],
        }),
      ],
      [{ url, title: 'A' }],
    ],
    [
      'flat annotations',
      [chunk({ content: 'x', annotations: [{ type: 'url_citation', url, title: 'A' }] })],
      [{ url, title: 'A' }],
    ],
    [
      'web_search (Zhipu)',
      [
        `data: {"choices":[{"delta":{"content":"x"}}],"web_search":[{"link":"${url}","title":"A","media":"m"}]}\n\n`,
      ],
      [{ url, title: 'A' }],
    ],
    [
      'none that can be opened',
      [chunk({ content: 'x', citations: ['javascript:x', 7, {}, null] })],
      [],
    ],
  ])('%s', async (_what, parts, citations) => {
    const { code, world } = await ask(stream(...parts, ...ends), ['--json', 'Hi']);
    expect([code, world.json().citations]).toEqual([0, citations]);
  });

  test('are a numbered list on stderr, before the usage; -q silences them', async () => {
    const annotations = [{ type: 'url_citation', url_citation: { url, title: 'A' } }];
    const reply = stream(chunk({ content: 'x' }), chunk({ annotations }), ...ends);
    const { world } = await ask(reply, ['Hi']);
    expect(world.out()).toBe('x\n');
    expect(world.err()).toMatch(/^\[1\] A https:\/\/example\.com\/a\?q=1\n\[usage\]/);
    expect((await ask(reply, ['-q', 'Hi'])).world.err()).toBe('');
  });
});

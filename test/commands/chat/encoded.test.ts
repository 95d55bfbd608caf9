/** Replies in a coding that was not asked for: some proxies compress whatever they pass on. */
import { brotliCompressSync, constants, createGzip, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { ask, chat, type Reply, untilPrinted, worldAt } from '../../helpers/ask.ts';
import { drawAt, expectOneFile } from '../../helpers/image.ts';
import { startImageGateway } from '../../helpers/image-gateway.ts';
import { inline, picture, result } from '../../helpers/image-replies.ts';
import { chunk, startServer } from '../../helpers/server.ts';

const answer = [chunk({ content: 'Hello ' }), chunk({ content: 'wörld' }, 'stop')];
const done = ': {"cost":"0.002"}\n\ndata: [DONE]\n\n';
const text = answer.join('') + done;

function encoded(encoding: string, body: Uint8Array | string, status = 200): Reply {
  return (response) => {
    const type = status === 200 ? 'text/event-stream' : 'application/json';
    response.writeHead(status, { 'content-type': type, 'content-encoding': encoding });
    response.end(body);
  };
}

describe('an answer', () => {
  test.each<[string, string, Uint8Array | string]>([
    ['in gzip', 'gzip', gzipSync(text)],
    ['in gzip, spelt otherwise', ' X-GZIP', gzipSync(text)],
    ['in br', 'br', brotliCompressSync(text)],
    ['in deflate', 'deflate', deflateSync(text)],
    ['in two codings', 'gzip, br', brotliCompressSync(gzipSync(text))],
    ['as it is, under the name of a coding', 'gzip', text],
    ['as it is, under the name of another', 'br', text],
    ['as it is, under a name that is no coding', 'utf-8', text],
  ])('%s is read', async (_, encoding, body) => {
    const { code, world } = await ask(encoded(encoding, body));
    expect(code, world.err()).toBe(0);
    expect(world.out()).toBe('Hello wörld\n');
    expect(world.err()).toContain('cost=$0.002 (gateway)');
  });

  test('in gzip, a byte at a time, is read', async () => {
    const { code, world } = await ask(async (response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      for (const byte of gzipSync(text))
        await new Promise<void>((sent) => void response.write(Uint8Array.of(byte), () => sent()));
      response.end();
    });
    expect([code, world.out()]).toEqual([0, 'Hello wörld\n']);
  });

  test('in gzip comes as it is sent', async () => {
    const server = await startServer((response) => {
      response.writeHead(200, { 'content-encoding': 'gzip' });
      const zip = createGzip({ flush: constants.Z_SYNC_FLUSH });
      zip.pipe(response);
      zip.write(answer[0]);
      void untilPrinted(world, 'Hello ').then(() => zip.end((answer[1] ?? '') + done));
    });
    const world = worldAt(server);
    expect([await chat(world, 'Hi'), world.out()]).toEqual([0, 'Hello wörld\n']);
  });

  test.each([30, 150])('in gzip that ends after %d bytes is cut', async (end) => {
    const { code, world } = await ask(encoded('gzip', gzipSync(text).subarray(0, end)), [
      '--json',
      'Hi',
    ]);
    expect([40, 41]).toContain(code);
    expect(world.json()).toMatchObject({ error: { billed: 'unknown', code: 'cut_stream' } });
  });

  test('in a coding that cannot be undone shows none of its bytes', async () => {
    const { code, world } = await ask(encoded('zstd', Buffer.from('28b52ffd00ff0102', 'hex')), [
      '--json',
      'Hi',
    ]);
    expect(code).toBe(41);
    expect(world.json()).toMatchObject({ error: { billed: 'unknown', code: 'encoded' } });
  });
});

test.each([
  ['the wrong coding', 'zstd', gzipSync(text)],
  ['no coding', 'none', brotliCompressSync(text)],
])('binary data under the name of %s is not shown as words', async (_, encoding, body) => {
  const { code, world } = await ask(encoded(encoding, body));
  expect(code).toBe(41);
  expect(world.err()).not.toContain('\ufffd');
});

test.each([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
] as const)('an error in %s keeps its code and its words', async (encoding, encode) => {
  const error = JSON.stringify({ error: { message: 'no', code: 'content_filter' } });
  const { code, world } = await ask(encoded(encoding, encode(error), 400));
  expect(code).toBe(26);
  expect(world.err()).toContain('alltoken: no [refused code=content_filter]');
});

test('a paid image in gzip is saved', async () => {
  const gateway = await startImageGateway();
  gateway.script = {
    poll: (response) => {
      response.writeHead(200, {
        'content-type': 'application/json',
        'content-encoding': 'gzip',
      });
      response.end(gzipSync(JSON.stringify(result(inline(picture())))));
    },
  };
  const drawn = await drawAt(gateway, ['A cat']);
  expect(drawn.code, drawn.world.err()).toBe(0);
  expectOneFile(drawn.world);
});

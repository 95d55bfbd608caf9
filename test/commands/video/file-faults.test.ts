/** Storages that send something else than the film, or send it in another way. A film that is paid for is saved; nothing else is saved as one. */
import { brotliCompressSync, deflateSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Reply } from '../../helpers/ask.ts';
import { inTurn } from '../../helpers/ask.ts';
import { completed, film, filmReply, task } from '../../helpers/video-gateway.ts';
import {
  bytesOf,
  errorOf,
  filesIn,
  laterProcess,
  recordOf,
  withGateway,
} from '../../helpers/video-world.ts';

const out = ['-o', 'a.mp4', 'A boat'] as const;

/** 200 with this body. */
function send(body: string | Uint8Array, headers: Record<string, string> = {}): Reply {
  return (response) =>
    void response
      .writeHead(200, {
        'content-type': 'video/mp4',
        'content-length': Buffer.byteLength(body),
        ...headers,
      })
      .end(body);
}

const expired = '{"error":{"code":"expired","message":"the link has expired"}}';
const denied = '<?xml version="1.0"?>\n<Error><Code>AccessDenied</Code></Error>';
const documents: [string, string, number][] = [
  ['JSON that says expired', expired, 43],
  ['JSON that says nothing', '{"ok":false}', 41],
  ['a JSON list', ' [\n  1, 2]', 41],
  ['JSON null', 'null', 41],
  ['XML that says denied', denied, 43],
  ['XML', '<Result><a/></Result>', 41],
  ['HTML', '<!DOCTYPE html><html><title>Sign in</title></html>', 41],
];

describe('J5: 200 with a document instead of the film', () => {
  test.each(documents)('%s: the task is asked once more', async (_, body) => {
    const { gateway, world } = await withGateway({ file: inTurn(send(body), filmReply()) });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(gateway.to('poll')).toHaveLength(2);
    expect(gateway.to('create')).toHaveLength(1);
  });

  test.each(documents)('%s again: it is not saved', async (_, body, exit) => {
    const { gateway, world } = await withGateway({ file: send(body) });
    expect(await world.video(...out, '--json')).toBe(exit);
    expect(errorOf(world)).toMatchObject({ billed: 'yes' });
    expect(filesIn(world)).toEqual([]);
    expect(gateway.to('poll')).toHaveLength(2);
    expect(recordOf(world)).toMatchObject({ state: 'received' });
  });

  test('in small pieces too', async () => {
    const { world } = await withGateway({
      file: async (response) => {
        response.writeHead(200, { 'content-type': 'video/mp4' });
        for (const letter of expired)
          await new Promise<void>((resolve) => response.write(letter, () => resolve()));
        response.end();
      },
    });
    expect(await world.video(...out)).toBe(43);
    expect(filesIn(world)).toEqual([]);
  });

  test('whatever its type says: a film that is called JSON is a film', async () => {
    const { world } = await withGateway({
      file: send(film(), { 'content-type': 'application/json' }),
    });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
  });
});

describe('J6: Content-Encoding', () => {
  test.each([
    'aws-chunked',
    'UTF-8',
    'binary',
    'identity',
    'none',
    'gzip',
    'br',
    'aws-chunked, gzip',
  ])('%s on a film as it is: saved', async (encoding) => {
    const { world } = await withGateway({ file: send(film(), { 'content-encoding': encoding }) });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
  });

  test.each<[string, Uint8Array]>([
    ['gzip', gzipSync(film())],
    ['X-GZIP', gzipSync(film())],
    ['deflate', deflateSync(film())],
    ['br', brotliCompressSync(film())],
    ['aws-chunked,gzip', gzipSync(film())],
    ['gzip, br', brotliCompressSync(gzipSync(film()))],
  ])('%s: decoded', async (encoding, body) => {
    const { world } = await withGateway({ file: send(body, { 'content-encoding': encoding }) });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
  });

  test('an encoded film that breaks off is taken whole at the next try', async () => {
    const body = gzipSync(film());
    const { gateway, world } = await withGateway({
      file: inTurn(
        (response) => {
          response.writeHead(200, { 'content-encoding': 'gzip' });
          response.end(body.subarray(0, body.length / 2));
        },
        send(body, { 'content-encoding': 'gzip', etag: '"one"' }),
      ),
    });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(gateway.to('file')[1]?.headers.range).toBeUndefined();
  });

  test('an encoded document is a document', async () => {
    const { world } = await withGateway({
      file: send(gzipSync(expired), { 'content-encoding': 'gzip' }),
    });
    expect(await world.video(...out)).toBe(43);
    expect(filesIn(world)).toEqual([]);
  });

  test('an encoding that cannot be undone is 41', async () => {
    const zstd = Buffer.concat([Buffer.from('28b52ffd', 'hex'), film()]);
    const { world } = await withGateway({ file: send(zstd, { 'content-encoding': 'zstd' }) });
    expect(await world.video(...out, '--json')).toBe(41);
    expect(errorOf(world)).toMatchObject({ code: 'encoded' });
  });
});

describe('J9: a film of no bytes', () => {
  test('is requested again, then saved', async () => {
    const { world } = await withGateway({ file: inTurn(send(''), filmReply()) });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
  });

  test.each<[string, Reply]>([
    ['by its length', send('')],
    ['by its end', (response) => void response.writeHead(200).end()],
    ['when it is decoded', send(gzipSync(''), { 'content-encoding': 'gzip' })],
  ])('%s each time: 41, and resume gets it', async (_, reply) => {
    let file: Reply = reply;
    const { gateway, world } = await withGateway({
      file: (response, request, count) => file(response, request, count),
    });
    expect(await world.video(...out, '--json')).toBe(41);
    expect(errorOf(world)).toMatchObject({ code: 'empty_file', billed: 'yes' });
    expect(gateway.to('file').length).toBeLessThanOrEqual(6);
    expect(filesIn(world)).toEqual([]);
    file = filmReply();
    const later = laterProcess(world, gateway);
    expect(await later.tasks('resume', '--all'), later.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
  });
});

describe('J11: 404 right after "completed"', () => {
  test('is asked again for some seconds', async () => {
    const missing: Reply = (response) => void response.writeHead(404).end('no such key');
    const { gateway, world } = await withGateway({
      file: inTurn(missing, missing, missing, filmReply()),
    });
    expect(await world.video(...out), world.err()).toBe(0);
    expect(bytesOf(world, 'a.mp4').equals(film())).toBe(true);
    expect(gateway.to('create')).toHaveLength(1);
  });

  test('is 43 in the end, after some seconds', async () => {
    const { world } = await withGateway({
      file: (response) => void response.writeHead(404).end(),
    });
    expect(await world.video(...out)).toBe(43);
    const slept = world.sleeps.reduce((sum, ms) => sum + ms, 0);
    expect(slept).toBeGreaterThan(5000);
    expect(slept).toBeLessThan(60_000);
  });
});

describe('J7: a task that a policy refused for its sound', () => {
  test.each([
    'OutputAudioSensitiveContentDetected',
    'InputAudioSensitiveContentDetected.PolicyViolation',
  ])('%s: 26, with --no-audio as a way', async (code) => {
    const { world } = await withGateway({
      poll: task('failed', { error: { code, message: 'no' } }),
    });
    expect(await world.video(...out)).toBe(26);
    expect(world.err()).toMatch(/hint: .*--no-audio.*change the prompt/);
  });

  test('one refused for its picture has the prompt to change', async () => {
    const error = { code: 'OutputVideoSensitiveContentDetected', message: 'no' };
    const { world } = await withGateway({ poll: task('failed', { error }) });
    expect(await world.video(...out)).toBe(26);
    expect(world.err()).not.toContain('--no-audio');
  });
});

test('J15: the state of a task that is larger than 8 MB is 41, requested once, and resume goes on', async () => {
  let poll: Reply = (response) => void response.writeHead(200).end(Buffer.alloc(9_000_000, ' '));
  const { gateway, world } = await withGateway({
    poll: (response, request, count) => poll(response, request, count),
  });
  expect(await world.video(...out, '--json')).toBe(41);
  expect(errorOf(world)).toMatchObject({
    code: 'too_large',
    hint: expect.stringMatching(/resume/),
  });
  expect(gateway.to('poll')).toHaveLength(1);
  poll = completed();
  const later = laterProcess(world, gateway);
  expect(await later.tasks('resume', '--all'), later.err()).toBe(0);
});

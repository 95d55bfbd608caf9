import { createHash } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { envelope, inTurn, type Reply } from '../../helpers/ask.ts';
import { film, json, picture, presigned, type Script } from '../../helpers/video-gateway.ts';
import {
  errorOf,
  failureOf,
  filesIn,
  journalOf,
  type VideoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

const wav = Buffer.from('RIFF\x24\0\0\0WAVEfmt ', 'latin1');
const home = {
  'a.png': picture,
  'b.png': picture,
  'c.mp4': film(500),
  'd.wav': wav,
  'e.txt': 'no picture',
};

async function contentOf(argv: readonly string[]): Promise<unknown> {
  const { gateway, world } = await withGateway({}, { home });
  expect(await world.video('A boat', ...argv), world.err()).toBe(0);
  const body = gateway.to('create')[0]?.json;
  expect(body).toMatchObject({ duration: 5, resolution: '480p' });
  // A picture has a shape of its own.
  expect(body).not.toHaveProperty('ratio');
  return body?.content;
}

function image(role: string, url: string): object {
  return { type: 'image_url', image_url: { url }, role };
}

describe('video passes on addresses', () => {
  test.each([
    [['--first-frame', 'https://e.com/a'], [image('first_frame', 'https://e.com/a')]],
    [
      ['--last-frame', 'https://e.com/b.png', '--first-frame', 'https://e.com/a.png'],
      [image('first_frame', 'https://e.com/a.png'), image('last_frame', 'https://e.com/b.png')],
    ],
    [
      ['--reference', 'https://e.com/a?x=.mp4'],
      [image('reference_image', 'https://e.com/a?x=.mp4')],
    ],
    [
      ['--reference', 'https://e.com/a.MP4?x=1', '--reference', 'https://e.com/b.mp3'],
      [
        {
          type: 'video_url',
          video_url: { url: 'https://e.com/a.MP4?x=1' },
          role: 'reference_video',
        },
        { type: 'audio_url', audio_url: { url: 'https://e.com/b.mp3' }, role: 'reference_audio' },
      ],
    ],
    [['--reference', 'asset://abc-1'], [image('reference_image', 'asset://abc-1')]],
  ])('%j', async (argv, content) => {
    expect(await contentOf(argv)).toEqual(content);
  });
});

describe('video uploads files', () => {
  test('of each kind, and names the uploads in the body', async () => {
    const argv = ['--first-frame', 'a.png', '--last-frame', 'b.png'];
    expect(await contentOf(argv)).toEqual([
      { type: 'image', upload_id: 'upl_1', role: 'first_frame' },
      { type: 'image', upload_id: 'upl_2', role: 'last_frame' },
    ]);
    const references = ['a.png', 'c.mp4', 'd.wav'].flatMap((name) => ['--reference', name]);
    expect(await contentOf(references)).toEqual([
      { type: 'image', upload_id: 'upl_1', role: 'reference_image' },
      { type: 'video', upload_id: 'upl_2', role: 'reference_video' },
      { type: 'audio', upload_id: 'upl_3', role: 'reference_audio' },
    ]);
  });

  test('with their size and sums, then their bytes without the key', async () => {
    const { gateway, world } = await withGateway({}, { home });
    expect(await world.video('A', '--reference', 'c.mp4', '--reference', 'd.wav')).toBe(0);
    const md5 = (bytes: Buffer): string => createHash('md5').update(bytes).digest('base64');
    expect(gateway.to('presign').map(({ json: body }) => body)).toEqual([
      {
        purpose: 'video_input_video',
        content_type: 'video/mp4',
        content_length: 500,
        content_md5: md5(film(500)),
        checksum_sha256: createHash('sha256').update(film(500)).digest('hex'),
      },
      expect.objectContaining({
        purpose: 'video_input_audio',
        content_type: 'audio/wav',
        content_length: wav.length,
      }),
    ]);
    const [put] = gateway.to('put');
    expect(put?.headers).toMatchObject({
      'content-type': 'video/mp4',
      'content-md5': md5(film(500)),
      'content-length': '500',
    });
    expect(put?.headers).not.toHaveProperty('authorization');
    expect(put?.body).toBe(film(500).toString());
    const order = gateway.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`);
    expect(order.slice(0, 5)).toEqual([
      'POST /v1/uploads/presign',
      'PUT /storage/upload-1',
      'POST /v1/uploads/presign',
      'PUT /storage/upload-2',
      'POST /v1/videos/generations',
    ]);
    expect(world.err()).not.toContain('signature=secret');
  });
});

/** Nothing was bought, and nothing but the input is left. */
async function expectNothingBought(
  argv: readonly string[],
  script: Script,
): Promise<{ code: number; world: VideoWorld; sent: number }> {
  const { gateway, world } = await withGateway(script, { home });
  const code = await world.video('A boat', '--json', ...argv);
  expect(gateway.to('create')).toEqual([]);
  expect(journalOf(world)).toEqual([]);
  expect(filesIn(world)).toEqual(Object.keys(home).sort());
  expect(errorOf(world)).toMatchObject({ billed: 'no', exit: code });
  return { code, world, sent: gateway.requests.length };
}

describe('video refuses as an input', () => {
  test.each([
    ['a data: address', 'data:image/png;base64,iVBORw0KGgo='],
    ['a DATA: address', 'DATA:image/png;base64,iVBORw0KGgo='],
    ['a file: address', 'file:///etc/hostname'],
    ['an ftp: address', 'ftp://e.com/a.png'],
    ['an address with a password', 'https://me:pw@e.com/a.png'],
    ['a film as a first frame', 'c.mp4'],
    ['a file that is no picture', 'e.txt'],
  ])('%s', async (_what, value) => {
    const { code, sent, world } = await expectNothingBought(['--first-frame', value], {});
    expect([2, 50]).toContain(code);
    expect(sent).toBe(0);
    expect(world.err()).toContain('--first-frame');
  });

  test('one that is larger than the gateway takes', async () => {
    const script = { presign: presigned({ max_content_length: 100 }) };
    const { code } = await expectNothingBought(['--reference', 'c.mp4'], script);
    expect(code).toBe(25);
  });
});

describe('video buys nothing when an upload fails:', () => {
  const storageError: Reply = (response) => {
    response.writeHead(403, { 'content-type': 'application/xml' });
    response.end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
  };
  test.each<[string, Script, number]>([
    ['no route for it', { presign: envelope(404, 'no_route') }, 2],
    ['a bad key', { presign: envelope(401, 'invalid_api_key') }, 21],
    ['a refused type', { presign: envelope(422, 'invalid_request') }, 25],
    ['a reply without an id', { presign: json(200, { upload_url: 'https://e.com' }) }, 31],
    ['a storage that refuses', { put: storageError }, 25],
    ['a storage that breaks', { put: envelope(500, 'internal') }, 31],
  ])('%s', async (_what, script, exit) => {
    const { code, world } = await expectNothingBought(['--first-frame', 'a.png'], script);
    expect(code).toBe(exit);
    expect(failureOf(world).line).not.toBe('');
  });

  test('a place inside this network', async () => {
    const script = { presign: presigned({ upload_url: 'https://10.0.0.1/x' }) };
    const { code, world } = await expectNothingBought(['--first-frame', 'a.png'], script);
    expect(code).toBeLessThan(40);
    expect(world.err()).toContain('https://10.0.0.1');
  });

  test('and goes on after passing trouble', async () => {
    const { gateway, world } = await withGateway(
      {
        presign: inTurn(envelope(503, 'upstream_error'), presigned()),
        put: inTurn(envelope(500, 'internal'), json(200, {})),
      },
      { home },
    );
    expect(await world.video('A boat', '--first-frame', 'a.png'), world.err()).toBe(0);
    expect(gateway.to('put')).toHaveLength(2);
    expect(gateway.to('create')).toHaveLength(1);
  });
});

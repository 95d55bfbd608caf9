import { describe, expect, test } from 'vitest';
import {
  type Drawn,
  drawAt,
  expectFailed,
  expectOneFile,
  namesIn,
  records,
  resume,
} from '../../helpers/image.ts';
import {
  type ImageGateway,
  type ImageReply,
  startImageGateway,
} from '../../helpers/image-gateway.ts';
import {
  completed,
  errorReply,
  inline,
  picture,
  redirectTo,
  sendFile,
  stored,
} from '../../helpers/image-replies.ts';

/** A completed task whose picture is only at this address. */
async function drawFrom(
  url: string | ((gateway: ImageGateway) => string),
  file?: ImageReply | ImageReply[],
): Promise<Drawn> {
  const gateway = await startImageGateway();
  const at = typeof url === 'string' ? url : url(gateway);
  gateway.script = { poll: completed(stored(at)), ...(file === undefined ? {} : { file }) };
  return drawAt(gateway, ['--json', 'A cat']);
}

const dangerous = [
  'https://10.0.0.1/a.png',
  'https://172.16.9.9/a.png',
  'https://192.168.1.1/a.png',
  'https://169.254.169.254/latest/meta-data/',
  'https://100.64.0.1/a.png',
  'https://0.0.0.0/a.png',
  'https://[::]/a.png',
  'https://[fd00::1]/a.png',
  'https://[fe80::1]/a.png',
  'https://[::ffff:10.0.0.1]/a.png',
  'https://[64:ff9b::a00:1]/a.png',
  'https://167772161/a.png',
  'https://0x0a000001/a.png',
  'https://012.0.0.1/a.png',
  'https://10.1/a.png',
  'http://10.0.0.1/a.png',
  'http://files.example/a.png',
  'https://user:secret@files.example/a.png',
  'https://user@files.example/a.png',
  'file:///etc/passwd',
  'ftp://files.example/a.png',
  'blob:https://files.example/a',
  'javascript:alert(1)',
  '//files.example/a.png',
  '/a.png',
  'a.png',
  'https://',
];

describe('an address of a result that is not safe to fetch', () => {
  test.each(dangerous)('%s: 41, never requested, billed', async (url) => {
    const drawn = await drawFrom(url);
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'unsafe_url', billed: 'yes' });
    expect(drawn.gateway.ofJobs().map(({ route }) => route)).toEqual(['create', 'poll']);
    expect(drawn.world.err()).not.toContain('secret');
    expect(records(drawn.world)).toMatchObject([{ state: 'received' }]);
  });

  test.each(dangerous)('a redirect to %s is not followed', async (url) => {
    const drawn = await drawFrom((gateway) => gateway.fileUrl('a.png'), redirectTo(url));
    const inside = !url.includes(':') && !url.startsWith('//');
    if (inside) return expect(drawn.gateway.to('file').length).toBeLessThan(10);
    expect(drawn.code, drawn.world.err()).toBe(41);
    expect(drawn.gateway.to('file')).toHaveLength(1);
  });

  test('leaves no empty file behind', async () => {
    const drawn = await drawFrom('https://10.0.0.1/a.png');
    expect(namesIn(drawn.world.home)).toEqual([]);
  });

  test('does not matter when the picture is in the reply', async () => {
    const gateway = await startImageGateway();
    gateway.script.poll = completed(inline(picture(), 'https://10.0.0.1/a.png'));
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    expect(gateway.ofJobs().map(({ route }) => route)).toEqual(['create', 'poll']);
  });
});

describe('an address of a result that redirects', () => {
  test('within loopback is followed, without the key', async () => {
    const drawn = await drawFrom(
      (gateway) => gateway.fileUrl('a.png'),
      [redirectTo('/files/b.png'), sendFile(picture())],
    );
    expect(drawn.code, drawn.world.err()).toBe(0);
    expect(drawn.gateway.to('file').map(({ path }) => path)).toEqual([
      '/files/a.png',
      '/files/b.png',
    ]);
    for (const { headers } of drawn.gateway.to('file'))
      expect(headers).not.toHaveProperty('authorization');
  });

  test('in a circle ends', async () => {
    const drawn = await drawFrom((gateway) => gateway.fileUrl('a.png'), redirectTo('/files/a.png'));
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'redirect', billed: 'yes' });
    expect(drawn.gateway.to('file').length).toBeLessThan(10);
  });
});

describe('an address of a result that is dead', () => {
  const dead = errorReply(403, 'AccessDenied');

  test.each([401, 403, 404, 410])('%d: the task is asked for a new one, once', async (status) => {
    const gateway = await startImageGateway();
    gateway.script = {
      poll: [
        completed(stored(gateway.fileUrl('old.png'))),
        completed(stored(gateway.fileUrl('new.png'))),
      ],
      file: [errorReply(status, 'no'), sendFile(picture())],
    };
    const drawn = await drawAt(gateway);
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    expect(gateway.to('file').map(({ path }) => path)).toEqual([
      '/files/old.png',
      '/files/new.png',
    ]);
    expect(gateway.to('poll')).toHaveLength(2);
  });

  test('and stays dead: 43, and no third question', async () => {
    const drawn = await drawFrom((gateway) => gateway.fileUrl('a.png'), dead);
    expectFailed(drawn, { exit: 43, name: 'expired', code: 'dead_url', billed: 'yes' });
    expect(drawn.gateway.to('poll')).toHaveLength(2);
    expect(drawn.gateway.to('file')).toHaveLength(2);
    expect(drawn.gateway.to('create')).toHaveLength(1);
  });

  test('and the result is gone when asked again: said so', async () => {
    const gateway = await startImageGateway();
    gateway.script = {
      poll: [completed(stored(gateway.fileUrl('a.png'))), errorReply(410, 'image_expired')],
      file: dead,
    };
    const drawn = await drawAt(gateway, ['--json', 'A cat']);
    expectFailed(drawn, { exit: 43, name: 'expired', billed: 'yes' });
  });

  test('a file that breaks off goes on where it stopped', async () => {
    const bytes = picture(200_000);
    const drawn = await drawFrom(
      (gateway) => gateway.fileUrl('a.png'),
      [
        (response) => {
          response.writeHead(200, { 'content-length': '200000', etag: '"v1"' });
          response.write(bytes.subarray(0, 90_000), () => setTimeout(() => response.destroy(), 20));
        },
        (response, request) => {
          const [, from = '0'] = /bytes=(\d+)-/.exec(request.headers.range ?? '') ?? [];
          response.writeHead(206, {
            'content-range': `bytes ${from}-199999/200000`,
            etag: '"v1"',
          });
          response.end(bytes.subarray(Number(from)));
        },
      ],
    );
    expect(drawn.code, drawn.world.err()).toBe(0);
    const { files } = drawn.world.json() as { files: { bytes: number }[] };
    expect(files[0]?.bytes).toBe(200_000);
    expect(drawn.gateway.to('file')[1]?.headers['if-range']).toBe('"v1"');
  });

  test('storage that stays down: paid, not to be run again, and resume fetches it later', async () => {
    const drawn = await drawFrom(
      (gateway) => gateway.fileUrl('a.png'),
      errorReply(503, 'SlowDown'),
    );
    expect(drawn.code, drawn.world.err()).toBeGreaterThanOrEqual(40);
    expect(drawn.world.json()).toMatchObject({ error: { billed: 'yes', retryable: false } });
    expect(drawn.world.err()).toMatch(/^hint: .*tasks resume/m);
    drawn.gateway.script.file = sendFile(picture());
    const later = await resume(drawn.world, drawn.gateway);
    expect(later.code, later.world.err()).toBe(0);
    expectOneFile(later.world);
    expect(drawn.gateway.to('create')).toHaveLength(1);
  });
});

test('an unsafe address is asked for again by resume, which saves what the gateway has then', async () => {
  const drawn = await drawFrom('https://10.0.0.1/a.png');
  expect(drawn.code).toBe(41);
  drawn.gateway.script.poll = completed(stored(drawn.gateway.fileUrl('a.png')));
  const later = await resume(drawn.world, drawn.gateway);
  expect(later.code, later.world.err()).toBe(0);
  expectOneFile(later.world);
});

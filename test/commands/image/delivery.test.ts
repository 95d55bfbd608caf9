import { existsSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import {
  besideRecords,
  type Drawn,
  drawAt,
  expectFailed,
  expectOneFile,
  records,
  resume,
} from '../../helpers/image.ts';
import { type ImageGateway, type Script, startImageGateway } from '../../helpers/image-gateway.ts';
import {
  completed,
  errorReply,
  half,
  inline,
  picture,
  processing,
  result,
  sha256,
  stored,
} from '../../helpers/image-replies.ts';

async function drawWith(
  script: (gateway: ImageGateway) => Script,
  argv: readonly string[] = ['A cat'],
): Promise<Drawn> {
  const gateway = await startImageGateway();
  gateway.script = script(gateway);
  return drawAt(gateway, argv);
}

const whole = result(inline(picture()));

describe('a result that arrives in halves', () => {
  test('is taken from its address afterwards', async () => {
    const drawn = await drawWith((gateway) => ({
      poll: [half(whole), completed(stored(gateway.fileUrl('a.png')))],
    }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    expect(besideRecords(drawn.world)).toEqual([]);
    expect(drawn.gateway.to('file')).toHaveLength(1);
  });

  test('is asked for again, and whole the next time', async () => {
    const drawn = await drawWith(() => ({
      poll: [half(whole), half(whole, 0.9), completed(inline(picture()))],
    }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('and is gone afterwards: 42, the half is kept and named', async () => {
    const drawn = await drawWith(
      () => ({ poll: [half(whole), errorReply(410, 'image_already_retrieved')] }),
      ['--json', 'A cat'],
    );
    const halfPath = records(drawn.world)[0]?.remains ?? '';
    expectFailed(drawn, {
      exit: 42,
      name: 'already_retrieved',
      code: 'image_already_retrieved',
      message: new RegExp(`saved in ${halfPath}`),
      hint: /a new run, which is billed again/,
      billed: 'yes',
    });
    expect(halfPath).toMatch(/\.half$/);
    expect(readFileSync(halfPath, 'utf8')).toBe(
      JSON.stringify(whole).slice(0, Math.floor(JSON.stringify(whole).length / 2)),
    );
    expect(records(drawn.world)).toMatchObject([{ state: 'gone' }]);
  });

  test('keeps the longest half', async () => {
    const gone = errorReply(410, 'image_already_retrieved');
    const drawn = await drawWith(() => ({ poll: [half(whole, 0.8), half(whole, 0.4), gone] }));
    const kept = readFileSync(records(drawn.world)[0]?.remains ?? '', 'utf8');
    expect(kept).toHaveLength(Math.floor(JSON.stringify(whole).length * 0.8));
  });

  test('gone is told again by resume, without asking', async () => {
    const gone = errorReply(410, 'image_already_retrieved');
    const drawn = await drawWith(() => ({ poll: [half(whole), gone] }));
    const asked = drawn.gateway.ofJobs().length;
    const [record] = records(drawn.world);
    const later = await resume(drawn.world, drawn.gateway, [record?.id ?? '']);
    expectFailed(later, {
      exit: 42,
      name: 'already_retrieved',
      message: /saved in/,
      billed: 'yes',
    });
    expect(drawn.gateway.ofJobs()).toHaveLength(asked);
  });

  test('of chunked encoding too', async () => {
    const text = JSON.stringify(whole);
    const drawn = await drawWith((gateway) => ({
      poll: [
        (response) => {
          response.writeHead(200, { 'content-type': 'application/json' });
          response.write(text.slice(0, 3000), () => setTimeout(() => response.destroy(), 20));
        },
        completed(stored(gateway.fileUrl('a.png'))),
      ],
    }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('of a reply that ends early as if it were whole', async () => {
    const text = JSON.stringify(whole);
    const drawn = await drawWith((gateway) => ({
      poll: [
        (response) => void response.writeHead(200).end(text.slice(0, -1000)),
        completed(stored(gateway.fileUrl('a.png'))),
      ],
    }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });
});

describe('a result that is gone', () => {
  const goneWays: [string, number, string][] = [
    ['image_already_retrieved', 42, 'already_retrieved'],
    ['image_expired', 43, 'expired'],
    ['result_expired', 43, 'expired'],
    ['something_else', 43, 'expired'],
  ];
  test.each(goneWays)('410 %s: %d', async (code, exit, name) => {
    const drawn = await drawWith(() => ({ poll: errorReply(410, code) }), ['--json', 'A cat']);
    expectFailed(drawn, { exit, name, code, hint: /a new run/, billed: 'yes' });
    expect(drawn.gateway.to('poll')).toHaveLength(1);
    expect(records(drawn.world)).toMatchObject([{ state: 'gone', remains: null }]);
  });
});

describe('a result without the picture in it', () => {
  test('is fetched from r2_url, without the key', async () => {
    const drawn = await drawWith((gateway) => ({
      poll: [processing(), completed(stored(gateway.fileUrl('a.png')))],
    }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
    const [file] = drawn.gateway.to('file');
    expect(file?.headers).not.toHaveProperty('authorization');
    expect(file?.headers['accept-encoding']).toBe('identity');
  });

  test.each([null, '', '  '])('b64_json %j counts as none', async (b64_json) => {
    const drawn = await drawWith((gateway) => ({
      poll: completed({ ...stored(gateway.fileUrl('a.png')), b64_json }),
    }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('is fetched from url where there is no r2_url', async () => {
    const drawn = await drawWith((gateway) => ({
      poll: completed({ url: gateway.fileUrl('a.png') }),
    }));
    expect(drawn.code, drawn.world.err()).toBe(0);
    expectOneFile(drawn.world);
  });

  test('r2_url comes before url', async () => {
    const drawn = await drawWith((gateway) => ({
      poll: completed({ ...stored(gateway.fileUrl('r2.png')), url: gateway.fileUrl('url.png') }),
    }));
    expect(drawn.gateway.to('file').map(({ path }) => path)).toEqual(['/files/r2.png']);
  });

  test('the picture in the reply comes before any address', async () => {
    const drawn = await drawWith((gateway) => ({
      poll: completed(inline(picture(), gateway.fileUrl('a.png'))),
    }));
    expectOneFile(drawn.world);
    expect(drawn.gateway.to('file')).toEqual([]);
  });

  const empty: [string, Record<string, unknown>[]][] = [
    ['no items', []],
    ['an item with nothing in it', [{}]],
    ['items of no use', [{ b64_json: null, r2_url: '', url: null }]],
  ];
  test.each(empty)('%s: 41, billed', async (_name, data) => {
    const drawn = await drawWith(() => ({ poll: completed(...data) }), ['--json', 'A cat']);
    expectFailed(drawn, { exit: 41, name: 'protocol', code: 'no_result', billed: 'yes' });
  });
});

describe('what a result leaves on record', () => {
  test.each([
    [false, []],
    [true, ['--urls']],
  ])(
    'hash, size and kind of the file, and with --urls (%s) where else it is',
    async (wants, flags) => {
      const drawn = await drawWith(
        (gateway) => ({ poll: completed(inline(picture(), gateway.fileUrl('a.png'))) }),
        ['--json', ...flags, 'A cat'],
      );
      const { files, urls } = drawn.world.json() as { files: { path: string }[]; urls: unknown };
      expect(files).toEqual([
        { path: expect.any(String), bytes: 4000, mime: 'image/png', sha256: sha256(picture()) },
      ]);
      const there = { url: drawn.gateway.fileUrl('a.png'), expires_at: '2026-12-22T12:00:00Z' };
      expect(urls).toEqual(wants ? [there] : []);
      expect(existsSync(files[0]?.path ?? '')).toBe(true);
    },
  );
});

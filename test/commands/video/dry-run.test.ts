import { describe, expect, test } from 'vitest';
import { videoDocumentSchema } from '../../../src/schemas/media.ts';
import { type AskOptions, events, filesBelow } from '../../helpers/ask.ts';
import { picture } from '../../helpers/video-gateway.ts';
import { document, type VideoWorld, withGateway } from '../../helpers/video-world.ts';

/** Nothing reached the gateway, and nothing was written but what the test put there, and the cache. */
async function dryRun(
  argv: readonly string[],
  options: AskOptions = {},
): Promise<{ code: number; world: VideoWorld }> {
  const home = { 'a.png': picture, ...options.home };
  const { gateway, world } = await withGateway({}, { ...options, home });
  const code = await world.video('--dry-run', ...argv);
  expect(gateway.requests).toEqual([]);
  const left = Object.keys(filesBelow(world.home)).filter((name) => !name.startsWith('cache/'));
  expect(left.sort()).toEqual(Object.keys(home).sort());
  return { code, world };
}

async function documentOf(argv: readonly string[], options: AskOptions = {}) {
  const { code, world } = await dryRun(['--json', ...argv], options);
  expect(code, world.err()).toBe(0);
  return document(world, videoDocumentSchema) as { request: { body: object }; verdict: object };
}

describe('video --dry-run', () => {
  test('shows the request and the verdict, without a key', async () => {
    expect(await documentOf(['A boat'], { env: { ALLTOKEN_API_KEY: '' } })).toMatchObject({
      ok: true,
      exit: 0,
      command: 'video',
      dry_run: true,
      requested_model: 'seedance-1.5-pro',
      request: {
        method: 'POST',
        url: expect.stringMatching(/\/v1\/videos\/generations$/),
        headers: { authorization: 'Bearer ***' },
        body: { model: 'seedance-1.5-pro', prompt: 'A boat', duration: 5, ratio: '16:9' },
      },
      verdict: { fits: true, bound: null, caps: [] },
    });
  });

  test('shows the body that would be sent', async () => {
    const argv = [
      '--duration',
      '8',
      '--no-audio',
      '--first-frame',
      'https://e.com/a.png',
      'A boat',
    ];
    const { request } = await documentOf(argv);
    const { gateway, world } = await withGateway();
    expect(await world.video(...argv)).toBe(0);
    expect(request.body).toEqual(gateway.to('create')[0]?.json);
  });

  test('uploads nothing, and names the file', async () => {
    const { request } = await documentOf(['--first-frame', 'a.png', 'A boat']);
    expect(request.body).toMatchObject({
      content: [
        {
          type: 'image',
          upload_id: `(upload of a.png: image/png, ${picture.length} bytes)`,
          role: 'first_frame',
        },
      ],
    });
  });

  test('warns as a call does', async () => {
    const { code, world } = await dryRun(['--duration', '99', 'A boat']);
    expect(code).toBe(0);
    expect(world.err()).toMatch(/^warning: seedance-1\.5-pro is known to take 4 to 12 seconds/);
    expect(JSON.parse(world.out())).toMatchObject({ request: { body: { duration: 99 } } });
  });

  test.each([
    ['--max-cost', ['--max-cost', '9'], {}],
    ['a month that is used up', [], { month: '0' }],
    ['a tag that is used up', ['--tag', 'ci'], { tags: { ci: { day: '0' } } }],
  ])('says that it does not fit, and why, and is 0: %s', async (_what, argv, budget) => {
    const shown = await documentOf([...argv, 'A boat'], { home: { 'config.json': { budget } } });
    expect(shown.verdict).toMatchObject({ fits: false, caps: [{ fits: false }] });
  });

  test('is one result event with --jsonl', async () => {
    const { world } = await dryRun(['--jsonl', 'A boat']);
    expect(events(world)).toMatchObject([{ type: 'result', dry_run: true }]);
  });

  test.each([
    ['no prompt', [], 2],
    ['an input that is not there', ['--first-frame', 'b.png', 'A boat'], 2],
    ['a file that is there', ['-o', 'a.png', 'A boat'], 50],
  ])('finds the same mistake as a call: %s', async (_what, argv, exit) => {
    expect((await dryRun(argv)).code).toBe(exit);
    const { world } = await withGateway({}, { home: { 'a.png': picture } });
    expect(await world.video(...argv)).toBe(exit);
  });
});

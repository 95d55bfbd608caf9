import { describe, expect, test } from 'vitest';
import { errLines } from '../../helpers/ask.ts';
import { withGateway } from '../../helpers/video-world.ts';

/** What seedance gets when nobody says more. */
const usual = {
  model: 'seedance-1.5-pro',
  prompt: 'A boat',
  duration: 5,
  ratio: '16:9',
  resolution: '480p',
};

/** The body of the create request, and stderr. */
async function bodyOf(
  argv: readonly string[],
  config: object = {},
): Promise<{ body: unknown; err: string[] }> {
  const { gateway, world } = await withGateway({}, { home: { 'config.json': config } });
  expect(await world.video(...argv), world.err()).toBe(0);
  expect(gateway.to('create')).toHaveLength(1);
  return { body: gateway.to('create')[0]?.json, err: errLines(world) };
}

describe('video sends', () => {
  const flags: readonly (readonly [argv: string[], more: object])[] = [
    [[], {}],
    [['--duration', '8'], { duration: 8 }],
    [['--duration', '-1'], { duration: -1 }],
    [['--duration=-1'], { duration: -1 }],
    [['--ratio', '9:16'], { ratio: '9:16' }],
    [['--resolution', '720p'], { resolution: '720p' }],
    [['--seed', '0'], { seed: 0 }],
    [['--seed', '-7'], { seed: -7 }],
    [['--audio'], { generate_audio: true }],
    [['--no-audio'], { generate_audio: false }],
    [['--watermark'], { watermark: true }],
    [['--no-watermark'], { watermark: false }],
    [['--camera-fixed'], { camera_fixed: true }],
    [
      ['--callback-url', 'https://example.com/done?id=1'],
      { callback_url: 'https://example.com/done?id=1' },
    ],
    [['--service-tier', 'flex'], { service_tier: 'flex' }],
    [['--last-frame-out', 'last.png'], { return_last_frame: true }],
    [['-m', 'seedance-2.0-fast'], { model: 'seedance-2.0-fast' }],
    [['--param', 'frames=57'], { frames: 57 }],
    [
      ['--param', 'draft=true', '--param', 'tools=[{"type":"web_search"}]'],
      { draft: true, tools: [{ type: 'web_search' }] },
    ],
    [['--param', 'ratio="adaptive"', '--ratio', '1:1'], { ratio: 'adaptive' }],
  ];
  test.each(flags)('%j', async (argv, more) => {
    const { body } = await bodyOf(['A boat', ...argv]);
    expect(body).toEqual({ ...usual, ...more });
  });

  test('all words as one prompt, and standard input for -', async () => {
    expect((await bodyOf(['A', 'boat'])).body).toEqual(usual);
    const { gateway, world } = await withGateway({}, { stdin: 'It rains.\n' });
    expect(await world.video('A boat', '-')).toBe(0);
    expect(gateway.to('create')[0]?.json?.prompt).toBe('A boat\n\nIt rains.');
  });

  test('no Idempotency-Key: the gateway knows none here', async () => {
    const { gateway, world } = await withGateway();
    await world.video('A boat');
    expect(gateway.to('create')[0]?.headers).not.toHaveProperty('idempotency-key');
  });

  test('only the prompt for a model of another family', async () => {
    const { body, err } = await bodyOf(['A boat', '-m', 'happyhorse-1', '--duration', '99']);
    expect(body).toEqual({ model: 'happyhorse-1', prompt: 'A boat', duration: 99 });
    expect(err.join('\n')).not.toContain('warning');
  });
});

describe('video takes from the config', () => {
  const config = {
    defaults: { video: { model: 'hd', duration: 9, ratio: '1:1', resolution: '720p' } },
    aliases: { hd: 'seedance-2.5', fast: 'seedance-2.0-fast' },
  };
  const theirs = {
    model: 'seedance-2.5',
    prompt: 'A boat',
    duration: 9,
    ratio: '1:1',
    resolution: '720p',
  };

  test('its defaults and aliases', async () => {
    expect((await bodyOf(['A boat'], config)).body).toEqual(theirs);
    expect((await bodyOf(['A boat', '-m', 'fast'], config)).body).toEqual({
      ...theirs,
      model: 'seedance-2.0-fast',
    });
  });

  test('less than from a flag', async () => {
    const argv = ['A boat', '--duration', '6', '--ratio', '21:9', '--resolution', '480p'];
    expect((await bodyOf(argv, config)).body).toEqual({
      ...theirs,
      duration: 6,
      ratio: '21:9',
      resolution: '480p',
    });
  });

  test('a ratio also when a picture is given, because somebody set it', async () => {
    const argv = ['A boat', '--first-frame', 'https://example.com/a.png'];
    expect((await bodyOf(argv, config)).body).toMatchObject({ ratio: '1:1' });
  });
});

describe('video warns, and sends all the same,', () => {
  test.each([
    ['a duration that is too long', ['--duration', '13'], /4 to 12 seconds, or -1/],
    ['one that is too short', ['--duration', '2'], /4 to 12 seconds/],
    [
      '-1 where the model cannot choose',
      ['-m', 'seedance-1.0-pro', '--duration', '-1'],
      /2 to 12 seconds;/,
    ],
    ['a resolution', ['-m', 'seedance-2.5', '--resolution', '1080p'], /480p or 720p/],
    ['a duration in --param', ['--param', 'duration=40'], /4 to 12 seconds/],
  ])('about %s', async (_what, argv, warning) => {
    const { err } = await bodyOf(['A boat', ...argv]);
    expect(err.filter((line) => line.startsWith('warning: '))).toEqual([
      expect.stringMatching(warning),
    ]);
  });

  test.each([
    [['--duration', '12']],
    [['--duration', '4']],
    [['--duration', '-1']],
    [['-m', 'seedance-2.5', '--duration', '30', '--resolution', '720p']],
    [['-m', 'seedance-1.0-pro-fast', '--duration', '2', '--resolution', '1080p']],
  ])('not about %j', async (argv) => {
    const { err } = await bodyOf(['A boat', ...argv]);
    expect(err.join('\n')).not.toContain('warning');
  });
});

describe('video refuses before anything is sent', () => {
  test.each([
    ['no prompt', [], /no prompt/],
    ['an empty prompt', ['  '], /no prompt/],
    ['-o -', ['A', '-o', '-'], /--out needs a path, and - is none here/],
    ['--last-frame-out -', ['A', '--last-frame-out', '-'], /--last-frame-out needs a path/],
    ['--no-download with -o', ['A', '--no-download', '-o', 'a.mp4'], /--no-download/],
    [
      '--no-download with --last-frame-out',
      ['A', '--no-download', '--last-frame-out', 'a.png'],
      /--no-download/,
    ],
    ['--async with --wait', ['A', '--async', '--wait', '4'], /--wait/],
    ['half a second', ['A', '--duration', '1.5'], /whole seconds/],
    ['0 seconds', ['A', '--duration', '0'], /whole seconds/],
    ['a model in --param', ['A', '--param', 'model="x"'], /use -m/],
    ['content in --param', ['A', '--param', 'content=[]'], /--first-frame/],
    ['a bare word in --param', ['A', '--param', 'ratio=wide'], /not JSON/],
    ['a callback that is no address', ['A', '--callback-url', 'example.com'], /--callback-url/],
    [
      'a callback with a password',
      ['A', '--callback-url', 'https://me:pw@example.com'],
      /password/,
    ],
    ['an empty model', ['A', '-m', ''], /the model is empty/],
    ['a wait below 0', ['A', '--wait', '-1'], /--wait/],
    ['one file for both', ['A', '-o', 'a.mp4', '--last-frame-out', 'a.mp4'], /--last-frame-out/],
  ])('%s', async (_what, argv, message) => {
    const { gateway, world } = await withGateway();
    expect(await world.video(...argv)).toBe(2);
    expect(world.err()).toMatch(message);
    expect(gateway.requests).toEqual([]);
    expect(world.out()).toBe('');
  });
});

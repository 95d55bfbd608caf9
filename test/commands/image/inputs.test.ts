import { describe, expect, test } from 'vitest';
import { loadSettings } from '../../../src/config/settings.ts';
import { planImage } from '../../../src/work/media/plan-image.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import { draw } from '../../helpers/image.ts';
import { picture } from '../../helpers/image-replies.ts';
import { withGateway } from '../../helpers/video-world.ts';

const home = { 'a.png': picture(900, 1), 'b.png': picture(900, 2), 'm.png': picture(900, 3) };
const two = ['--image', 'a.png', '--image', 'b.png'];

describe('J3: what the wire cannot take is not dropped', () => {
  test.each<[string, string[]]>([
    ['two images of an edit', [...two, 'Make it red']],
    ['two images of a variation', two],
    ['the same image twice', ['--image', 'a.png', '--image', 'a.png', 'Make it red']],
    ['two images in a dry run', [...two, '--dry-run', 'Make it red']],
    ['two masks', ['--image', 'a.png', '--mask', 'm.png', '--mask', 'b.png', 'Red']],
    ['more images than a request makes', ['-n', '11', 'A cat']],
  ])('%s: 2, nothing sent', async (_what, argv) => {
    const { code, world, gateway } = await draw({}, argv, { home });
    expect(code, world.err()).toBe(2);
    expect(gateway.requests).toEqual([]);
    expect(world.ledger()).toEqual([]);
  });

  test('says how many are taken', async () => {
    const { world } = await draw({}, [...two, 'Make it red'], { home });
    expect(world.err()).toContain('takes one image, and --image is given 2 times');
    expect(world.err()).toContain('hint: give --image once');
    const { world: many } = await draw({}, ['-n', '11', 'A cat']);
    expect(many.err()).toContain('at most 10 images a request');
    expect(many.err()).toContain('hint: --count 10');
  });

  test.each(['--first-frame', '--last-frame'])('two of %s: 2', async (flag) => {
    const { world, gateway } = await withGateway();
    const argv = [flag, 'https://x.test/a.png', flag, 'https://x.test/b.png', 'It sails'];
    expect(await world.video(...argv)).toBe(2);
    expect(gateway.requests).toEqual([]);
  });

  test('a gateway whose edits take several gets them as a list, in order', async () => {
    const world = fakeDeps();
    for (const [name, bytes] of Object.entries(home)) world.write(name, bytes);
    const settings = await loadSettings(world.deps, { gateway: 'sandbox' });
    const { image } = settings.gateway.media;
    if (image === null) throw new Error('the sandbox makes images');
    const media = { ...settings.gateway.media, image: { ...image, maxInputs: 3 } };
    const gateway = { ...settings.gateway, media };
    const flags = { image: ['b.png', 'a.png'], mask: 'm.png', journal: true, color: true };
    const place = { gateway, settings: { ...settings, gateway } };
    const { body } = await planImage(['Make it red'], flags, place, world.deps);
    expect(body).toMatchObject({
      image_upload_id: [expect.stringContaining('b.png'), expect.stringContaining('a.png')],
      mask_upload_id: expect.stringContaining('m.png'),
    });
  });
});

describe('--size', () => {
  test.each([
    ['auto', 'auto'],
    ['AUTO', 'auto'],
    ['1536X1024', '1536x1024'],
    ['4000x4000', '4000x4000'],
    ['2K', '2K'],
    ['4k', '4K'],
    ['16:9', '16:9'],
    ['21:9', '21:9'],
  ])('%s is sent as %s', async (given, sent) => {
    const { code, world, gateway } = await draw({}, ['--size', given, 'A cat']);
    expect(code, world.err()).toBe(0);
    expect(gateway.to('create')[0]?.json).toMatchObject({ size: sent });
  });

  test.each(['1024', 'x1024', '2KB', 'K', '0K', '16:', '16:9:1', '16/9', 'big', '0x1', ''])(
    '%j has no shape of a size: 2',
    async (size) => {
      const { code, gateway } = await draw({}, [`--size=${size}`, 'A cat']);
      expect(code).toBe(2);
      expect(gateway.requests).toEqual([]);
    },
  );

  test('of the config has the same shapes', async () => {
    for (const size of ['2K', '16:9'] as const) {
      const home = { 'config.json': JSON.stringify({ defaults: { image: { size } } }) };
      const { code, world, gateway } = await draw({}, ['A cat'], { home });
      expect(code, world.err()).toBe(0);
      expect(gateway.to('create')[0]?.json).toMatchObject({ size });
    }
  });
});

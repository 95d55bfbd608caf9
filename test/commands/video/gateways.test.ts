import { describe, expect, test } from 'vitest';
import { failureSchema } from '../../../src/schemas/common.ts';
import { videoDocumentSchema } from '../../../src/schemas/media.ts';
import { fakeDeps } from '../../helpers/fake-deps.ts';
import {
  document,
  filesIn,
  journalOf,
  videoWorld,
  withGateway,
} from '../../helpers/video-world.ts';

const config = {
  gateways: {
    mine: { kind: 'openai', base_url: 'http://127.0.0.1:9/v1' },
    ours: { kind: 'alltoken', base_url: 'http://127.0.0.1:9/v1', api_key_env: 'OURS_KEY' },
  },
};

describe('video', () => {
  test.each([
    ['openrouter', 'OpenRouter'],
    ['ollama', 'Ollama'],
    ['mine', '"mine"'],
  ])('is not for %s, with or without a key, and says so', async (name, label) => {
    for (const env of [{}, { OPENROUTER_API_KEY: 'sk-or-0123456789abcdef' }]) {
      const world = fakeDeps({ env });
      world.write('config.json', JSON.stringify(config));
      expect(await world.run('video', '-g', name, 'A boat', '--json')).toBe(2);
      expect(document(world, videoDocumentSchema).error).toMatchObject({
        code: 'unsupported',
        billed: 'no',
      });
      expect(world.err()).toContain(`${label} offers no videos; nothing was sent`);
      expect(journalOf(world)).toEqual([]);
    }
  });

  test('works at a gateway of the config that speaks the same wire', async () => {
    const { gateway } = await withGateway();
    const ours = { ...config.gateways.ours, base_url: gateway.baseUrl };
    const world = fakeDeps({ env: { OURS_KEY: 'sk-at-ours-0123456789' } });
    world.write('config.json', JSON.stringify({ gateways: { ours } }));
    expect(await world.run('video', '-g', 'ours', 'A boat'), world.err()).toBe(0);
    expect(gateway.to('create')[0]?.headers.authorization).toBe('Bearer sk-at-ours-0123456789');
    expect(journalOf(world)).toMatchObject([{ gateway: 'ours', base_url: gateway.baseUrl }]);
  });

  test('needs a key, and says where to look', async () => {
    const world = fakeDeps();
    expect(await world.run('video', 'A boat', '--json')).toBe(20);
    expect(document(world, videoDocumentSchema).error).toMatchObject({
      name: 'no_key',
      hint: expect.stringContaining('ALLTOKEN_API_KEY'),
    });
  });

  test('says a mistake on the command line in JSON too', async () => {
    const world = fakeDeps();
    expect(await world.run('video', 'A boat', '--duration', 'long', '--json')).toBe(2);
    document(world, failureSchema);
  });

  test('plays in the sandbox, with no key and no charge', async () => {
    const { gateway } = await withGateway();
    const world = videoWorld(gateway, { env: { ALLTOKEN_BASE_URL: '' } });
    expect(await world.video('-g', 'sandbox', 'A boat'), world.err()).toBe(0);
    expect(filesIn(world)).toEqual([expect.stringMatching(/^alltoken-video-\w{8}\.mp4$/)]);
    expect(gateway.requests).toEqual([]);
  });
});

import { describe, expect, test } from 'vitest';
import { type Ability, builtInGateways, gatewaysWith } from '../../src/gateways/index.ts';
import { play } from '../helpers/gateways.ts';
import { picture } from '../helpers/video-gateway.ts';
import { journalOf, recordOf } from '../helpers/video-world.ts';

function without(ability: Ability): string[] {
  return [...builtInGateways.keys()].filter((id) => !gatewaysWith(ability).includes(id));
}

/** The end of a refusal: who has it. */
function havers(ability: Ability): string {
  return `nothing was sent [usage code=unsupported]\nhint: these gateways do: -g ${gatewaysWith(ability).join(', -g ')}\n`;
}

/** Nothing is sent, nothing is begun, and no key is needed to be told so. */
async function refused(gateway: string, ...argv: string[]): Promise<string> {
  const { run, server, world } = await play(
    gateway,
    { 'GET /v1/none': { status: 404 } },
    { noKey: true },
  );
  world.write('cat.png', 'a picture');
  expect(await run(...argv, '-g', gateway), world.err()).toBe(2);
  expect(server.requests).toEqual([]);
  expect(journalOf(world)).toEqual([]);
  expect(world.ledger()).toEqual([]);
  expect(world.out()).toBe('');
  return world.err();
}

describe('what a gateway does not offer', () => {
  test.each(without('image'))('images of %s: 2, and who has them', async (gateway) => {
    const words = await refused(gateway, 'image', 'A cat');
    expect(words).toMatch(/^alltoken: .+ offers no images; nothing was sent /);
    expect(words.endsWith(havers('image'))).toBe(true);
  });

  test.each(without('video'))('videos of %s: 2, and who has them', async (gateway) => {
    const words = await refused(gateway, 'video', 'A boat');
    expect(words).toMatch(/^alltoken: .+ offers no videos; nothing was sent /);
    expect(words.endsWith(havers('video'))).toBe(true);
  });

  test.each(without('search'))('search of %s: 2', async (gateway) => {
    const words = await refused(gateway, 'search', '-m', 'some-model', 'Rain?');
    expect(words).toMatch(
      /^alltoken: .+ has no search; nothing was sent \[usage code=unsupported\]\nhint: alltoken search -g alltoken …\n$/,
    );
  });

  test('changes to images of TokenHub', async () => {
    expect(await refused('tokenhub', 'image', '--image', 'cat.png', 'Red')).toContain(
      'TokenHub offers no changes to images',
    );
  });

  test('pictures that a video of AltLLM starts from', async () => {
    expect(await refused('altllm', 'video', '--first-frame', 'cat.png', 'Go')).toContain(
      'AltLLM offers no videos from images',
    );
    expect(
      await refused('altllm', 'video', '--first-frame', 'https://x.example/a.png', 'Go'),
    ).toContain('AltLLM offers no videos from images');
  });

  test('a local picture that a video of TokenHub starts from: it has no place to put it', async () => {
    const { run, server, world } = await play('tokenhub', {});
    world.write('cat.png', picture);
    const argv = ['video', '-g', 'tokenhub', '--first-frame', 'cat.png', 'Go'];
    expect(await run(...argv)).toBe(2);
    expect(server.requests).toEqual([]);
    expect(journalOf(world)).toEqual([]);
    expect(world.err()).toContain('TokenHub does not accept local files [usage code=unsupported]');
    expect(world.err()).toContain('hint: give cat.png as a public https URL');
  });

  test('the shape of a video of AltLLM', async () => {
    expect(await refused('altllm', 'video', '--ratio', '16:9', 'Go')).toContain(
      'AltLLM takes no --ratio; nothing was sent',
    );
  });

  test.each(['tokenhub', 'altllm'])('cancelling a video of %s at the end', async (gateway) => {
    const words = await refused(gateway, 'video', '--cancel-on-interrupt', 'Go');
    expect(words).toContain('offers no way to cancel a video');
    expect(words).toContain(`these gateways do: -g ${gatewaysWith('video cancel').join(', -g ')}`);
  });

  test('cancelling a video of TokenHub that is being made', async () => {
    const played = await play('tokenhub', {
      'POST /api/v1/videos/generations': 'video-created.json',
    });
    expect(await played.run('video', '-g', 'tokenhub', '--async', 'Go')).toBe(0);
    const later = played.later();
    expect(await later.run('tasks', 'cancel', 'tsk-v1')).toBe(2);
    expect(later.world.err()).toContain(
      'TokenHub cancels no videos: it and its charge go on [usage code=unsupported]\nhint: alltoken tasks resume tsk-v1\n',
    );
    expect(played.server.requests).toHaveLength(1);
    expect(recordOf(played.world)).toMatchObject({ state: 'submitted' });
  });

  test.each(['tokenhub', 'altllm'])(
    'a list of the videos of %s: the journal is all there is',
    async (gateway) => {
      const { run, server, world } = await play(gateway, {});
      expect(await run('tasks', '-g', gateway), world.err()).toBe(0);
      expect(server.requests).toEqual([]);
    },
  );

  test.each([
    ['altllm', 'rankings'],
    ['tokenhub', 'health'],
    ['ollama', 'providers'],
  ])('%s has no public board of %s', async (gateway, board) => {
    const words = await refused(gateway, 'models', `--${board}`);
    expect(words).toContain(`has no public board of ${board}; these have: alltoken, `);
    expect(words).toContain(`hint: alltoken models --${board} -g alltoken`);
  });
});

import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { play } from '../helpers/gateways.ts';
import { picture } from '../helpers/video-gateway.ts';
import { recordOf } from '../helpers/video-world.ts';

const create = 'POST /api/v1/images/generations';
const argv = ['image', '-g', 'tokenhub', '-o', 'a.png', 'A cat'] as const;

describe('a picture behind an address', () => {
  const at = (url: string) => ({ json: { created: 1, data: [{ url }] } });

  test('whose address is dead is paid for: no exit code says to run it again', async () => {
    const played = await play('tokenhub', { [create]: at('{origin}/storage/gone.png') });
    const code = await played.run(...argv, '--json');
    expect(played.server.requests.map(({ method, path }) => `${method} ${path}`)).toEqual([
      create,
      'GET /storage/gone.png',
    ]);
    expect(code).toBe(43);
    expect(played.world.json()).toMatchObject({ error: { billed: 'yes' } });
  });

  test('that cannot be reached for now is come back to', async () => {
    let isBroken = true;
    const played = await play('tokenhub', {
      [create]: at('{origin}/storage/a.png'),
      'GET /storage/a.png': (response: ServerResponse) =>
        isBroken
          ? void response.writeHead(500).end()
          : void response.writeHead(200, { 'content-type': 'image/png' }).end(picture),
    });
    const code = await played.run(...argv, '--json');
    expect(code, played.world.out()).toBe(40);
    expect(played.world.json()).toMatchObject({
      error: { billed: 'yes', hint: `alltoken tasks resume ${recordOf(played.world).id}` },
    });
    isBroken = false;
    const later = played.later();
    expect(await later.run('tasks', 'resume', recordOf(played.world).id), later.world.err()).toBe(
      0,
    );
    expect(later.world.out()).toBe(`${played.world.home}/a.png\n`);
  });

  test('is asked for without the key, and never on another machine of the network', async () => {
    const played = await play('tokenhub', { [create]: at('http://10.0.0.1/a.png') });
    expect(await played.run(...argv)).not.toBe(0);
    expect(played.server.requests).toHaveLength(1);
  });
});

/** A world whose one gateway is a server that we did not write, on loopback. Each run ends with a search for the key. */

import { expectNoKey } from '../helpers/ask.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from '../helpers/fake-deps.ts';

/** The one key of these tests. */
export const peerKey = 'sk-peer-0123456789abcdef';

/** `baseUrl` as somebody would write it into the config, under the wire that the server speaks. */
export function peerWorld(kind: string, baseUrl: string, options: FakeOptions = {}): FakeWorld {
  const world = fakeDeps({ ...options, env: { PEER_KEY: peerKey, ...options.env } });
  const peer = { kind, base_url: baseUrl, api_key_env: 'PEER_KEY' };
  world.write('config.json', JSON.stringify({ gateway: 'peer', gateways: { peer } }));
  return world;
}

/** The exit code. */
export async function runAt(world: FakeWorld, ...argv: string[]): Promise<number> {
  const code = await world.run(...argv);
  expectNoKey(world, peerKey);
  return code;
}

/** `error` of the one JSON document. */
export function errorOf(world: FakeWorld): Record<string, unknown> {
  return world.json().error as Record<string, unknown>;
}

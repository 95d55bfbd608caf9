/** One `alltoken search` against a server of the test's own; no key may be left anywhere. */
import {
  type Asked,
  type AskOptions,
  answerWell,
  expectNoKey,
  type Reply,
  worldAt,
} from './ask.ts';
import { startServer } from './server.ts';

/** `search …argv` in a new world. */
export async function search(
  argv: readonly string[],
  reply: Reply = answerWell,
  options: AskOptions = {},
): Promise<Asked> {
  const server = await startServer(reply);
  const world = worldAt(server, options);
  const code = await world.run('search', ...argv);
  expectNoKey(world);
  return { code, world, server };
}

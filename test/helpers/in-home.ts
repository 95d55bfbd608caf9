/** Command lines in memory, one after the other in one home, as processes of one user: what one makes, the next one finds. */
import { join } from 'node:path';
import type { Clock, Deps, Send } from '../../src/base/deps.ts';
import { run } from '../../src/cli/program.ts';
import { root } from './executable.ts';
import { type FakeOptions, type FakeWorld, fakeDeps } from './fake-deps.ts';

export interface InHome {
  code: number;
  out: string;
  err: string;
}

/** `home` is the working directory too; the gateway is the sandbox. `clock`: of the sandbox, whose tasks run while the program sleeps. */
export async function runInHome(
  { home }: Pick<FakeWorld, 'home'>,
  clock: Clock,
  argv: readonly string[],
  options: Pick<FakeOptions, 'env' | 'stdin' | 'atTerminal'>,
): Promise<InHome> {
  const world = fakeDeps({
    ...options,
    env: { ALLTOKEN_HOME: home, ALLTOKEN_GATEWAY: 'sandbox', ...options.env },
  });
  const deps: Deps = {
    ...world.deps,
    clock,
    homeDirectory: home,
    workingDirectory: home,
    skillsDirectory: join(root, 'skills'),
    templatesDirectory: join(root, 'templates'),
    openNetwork: async (network) => loopbackOnly(await world.deps.openNetwork(network)),
  };
  const code = await run(argv, deps);
  return { code, out: world.out(), err: world.err() };
}

/** An example that would leave this machine fails, and sends nothing. */
function loopbackOnly(send: Send): Send {
  return (request) =>
    new URL(request.url).hostname === '127.0.0.1'
      ? send(request)
      : Promise.reject(new Error(`an example would contact ${new URL(request.url).host}`));
}

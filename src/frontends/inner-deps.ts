/** The outside world for a command line inside another one: the same, but for what is named. It opens nothing. */
import type { Deps, Input } from '../base/deps.ts';

/**
 * Like `deps` with `changes`. Streams and other getters of `deps` stay closed until somebody asks for them. Each is a
 * property of its own, so that a copy of the whole has all of them, too.
 */
export function innerDeps(deps: Deps, changes: Partial<Deps>): Deps {
  return Object.defineProperties({} as Deps, {
    ...Object.getOwnPropertyDescriptors(deps),
    ...Object.getOwnPropertyDescriptors(changes),
  });
}

/** Nobody types and nothing is piped: whoever looks for input finds none, and waits for none. */
export const noInput: Input = {
  isTerminal: true,
  async *chunks() {},
};

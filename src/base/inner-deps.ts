/** The dependencies of a command line inside another one: the same, except what is named. It opens nothing. */
import { setMaxListeners } from 'node:events';
import type { Deps, Input } from './deps.ts';

/**
 * Like `deps` with `changes`. Streams and other getters of `deps` stay closed until they are used. Each is a
 * property of its own, so that a copy of the whole has all of them, too.
 */
export function innerDeps(deps: Deps, changes: Partial<Deps>): Deps {
  // Whatever runs with it listens: more than ten are no leak, and Node would say so on standard error.
  if (changes.signal instanceof EventTarget) setMaxListeners(0, changes.signal);
  return Object.defineProperties({} as Deps, {
    ...Object.getOwnPropertyDescriptors(deps),
    ...Object.getOwnPropertyDescriptors(changes),
  });
}

/** No terminal and no pipe: reading it ends at once. */
export const noInput: Input = {
  isTerminal: true,
  async *chunks() {},
};

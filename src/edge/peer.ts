/** Loads a package of the user that stands beside ours. */
import { createRequire } from 'node:module';

/** Throws as `require` does where it is not installed. */
export function loadPeer(name: string): unknown {
  return createRequire(import.meta.url)(name);
}

/** The text of the config that was last found valid. Reading it loads no schema. */

import type { Deps } from '../base/deps.ts';
import type { Places } from './places.ts';

type CheckedDeps = Pick<Deps, 'path'> & { files: Pick<Deps['files'], 'read'> };

export const MAX_CONFIG_BYTES = 1_048_576;

/** Where it is, below the version that found it valid. */
export function checkedFile(
  { cache }: Pick<Places, 'cache'>,
  { path }: Pick<Deps, 'path'>,
): string {
  return path.join(cache, 'checked-config');
}

/** The version and the text; null when there is none. */
export async function readChecked(
  places: Pick<Places, 'cache'>,
  deps: CheckedDeps,
): Promise<string | null> {
  try {
    const bytes = await deps.files.read(checkedFile(places, deps), MAX_CONFIG_BYTES + 100);
    return new TextDecoder().decode(bytes);
  } catch {
    return null;
  }
}

/** Whether a program is on PATH. It runs none. */
import type { Deps } from '../../../base/deps.ts';

/** More than any PATH has. */
const MOST_FOLDERS = 1000;

export async function isOnPath(
  name: string,
  { env, platform, path, files }: Pick<Deps, 'env' | 'platform' | 'path' | 'files'>,
): Promise<boolean> {
  const endings = platform === 'win32' ? ['.cmd', '.exe', '.bat'] : [''];
  const folders = (env.PATH ?? env.Path ?? '').split(path.delimiter).slice(0, MOST_FOLDERS);
  for (const folder of folders) {
    if (!path.isAbsolute(folder)) continue;
    for (const ending of endings) {
      const found = await files.status(path.join(folder, `${name}${ending}`)).catch(() => null);
      const isProgram = platform === 'win32' || ((found?.mode ?? 0) & 0o111) !== 0;
      if (found !== null && !found.isDirectory && isProgram) return true;
    }
  }
  return false;
}

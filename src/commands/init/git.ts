/** A repository for the project, unless it has one. It commits nothing. */
import type { Deps } from '../../base/deps.ts';
import type { GitState } from '../../schemas/init.ts';

type GitDeps = Pick<Deps, 'files' | 'path' | 'env' | 'runCommand'>;

const TIMEOUT_MS = 20_000;
/** What a shell says of a program that is not there. */
const NO_PROGRAM = 127;

/** Git works on another repository than the one around the directory, as in its own hooks. */
const otherRepository = ['GIT_DIR', 'GIT_WORK_TREE'] as const;

/** Why `git init` must not run for a directory of which `existing` is the nearest that is there; null: it may. */
export async function foundRepository(
  { directory, existing }: { directory: string; existing: string },
  deps: GitDeps,
): Promise<GitState | null> {
  const { dirname, join } = deps.path;
  if (otherRepository.some((name) => (deps.env[name] ?? '') !== '')) return 'inside';
  // Where a link leads: the work tree around a directory is around its real place.
  const real = await deps.files.realPath(existing).catch(() => existing);
  for (let at = real; ; at = dirname(at)) {
    const hasOwn = await deps.files.isTaken(join(at, '.git')).catch(() => false);
    if (hasOwn) return at === real && existing === directory ? 'exists' : 'inside';
    if (dirname(at) === at) return null;
  }
}

/** `directory`: as it is called now. A failure costs the repository, not the project. */
export async function makeRepository(directory: string, deps: GitDeps): Promise<GitState> {
  const { exitCode } = await deps.runCommand(['git', 'init', '--quiet', directory], TIMEOUT_MS);
  if (exitCode === null || exitCode === NO_PROGRAM) return 'not_found';
  return exitCode === 0 ? 'initialized' : 'failed';
}

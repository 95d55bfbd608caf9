/**
 * Checks the files that a caller without access to the whole disk may name: those in the working directory, after links
 * are resolved. It reads no file.
 */
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { type NextStep, type NextSteps, say } from '../../base/next-step.ts';
import { resolvePath } from './paths.ts';

type PathDeps = Pick<Deps, 'files' | 'workingDirectory' | 'path'>;

/** Where a file or a URL may be given, every command treats this as a URL, never as a path. */
export function isAddress(value: string): boolean {
  return /^https?:\/\//i.test(value);
}

/** How a refusal is reported. */
interface Refusal {
  /** What to do instead. */
  way: NextSteps;
  /** What allows every path. */
  allow?: NextStep;
  /** What the caller calls the working directory, if not by that name. */
  place?: string;
  /** What to do if that is the root of the disk. */
  move?: string;
}

/** Throws `CliError` usage when `path` is outside the working directory. `flag`: the flag that named it. */
export async function checkPath(
  path: string,
  flag: string,
  refusal: Refusal,
  deps: PathDeps,
): Promise<void> {
  const { way, place = 'the working directory' } = refusal;
  const root = await whereItIs(deps.workingDirectory, way, deps);
  if (isRoot(root, deps)) throw everywhere(path, flag, { ...refusal, place });
  const found = await whereItIs(resolvePath(path, deps), way, deps);
  if (isInside(found, root, deps)) return;
  throw new CliError('usage', `${flag} ${JSON.stringify(path)} is outside ${place}`, {
    code: 'path_outside',
    next: way,
  });
}

/** The resolved path; for one that does not exist yet, by its nearest existing directory. */
async function whereItIs(path: string, way: NextSteps, deps: PathDeps): Promise<string> {
  const { dirname, basename, join } = deps.path;
  try {
    return await deps.files.realPath(path);
  } catch (error) {
    const parent = dirname(path);
    const isMissing = systemErrorCode(error) === 'ENOENT';
    // A broken link is followed when the file is created.
    if (isMissing && (await deps.files.isTaken(path))) throw unknownEnd(path, way, error);
    if (systemErrorCode(error) === 'ELOOP') throw unknownEnd(path, way, error);
    if (!isMissing || parent === path) throw unreadable(path, way, error);
    return join(await whereItIs(parent, way, deps), basename(path));
  }
}

function isInside(path: string, root: string, deps: PathDeps): boolean {
  const { relative, isAbsolute, sep } = deps.path;
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function isRoot(path: string, deps: PathDeps): boolean {
  return deps.path.dirname(path) === path;
}

/** The root of the disk would allow every path. */
function everywhere(
  path: string,
  flag: string,
  { allow, place, move: own = 'run it in a separate directory' }: Refusal,
): CliError {
  const message = `${flag} ${JSON.stringify(path)}: ${place} is the root of the disk, so every path is refused`;
  return new CliError('usage', message, {
    code: 'path_outside',
    next: [say(own), ...(allow === undefined ? [] : [allow])],
  });
}

function unknownEnd(path: string, way: NextSteps, cause: unknown): CliError {
  const message = `${JSON.stringify(path)} is a broken or circular link`;
  return new CliError('usage', message, { code: 'path_outside', next: way, cause });
}

function unreadable(path: string, way: NextSteps, cause: unknown): CliError {
  return new CliError('usage', `${JSON.stringify(path)} cannot be resolved`, {
    code: systemErrorCode(cause) ?? 'bad_path',
    next: way,
    cause,
  });
}

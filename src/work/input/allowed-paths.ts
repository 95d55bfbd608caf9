/**
 * Which files a caller who is not trusted with the whole disk may name: those in the working directory, wherever links
 * lead. It looks at the disk, and reads no file.
 */
import type { Deps } from '../../base/deps.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { type NextStep, type NextSteps, say } from '../../base/next-step.ts';
import { resolvePath } from './paths.ts';

type PathDeps = Pick<Deps, 'files' | 'workingDirectory' | 'path'>;

/** Where a file or an address may be given, this is an address to every command, and never a path. */
export function isAddress(value: string): boolean {
  return /^https?:\/\//i.test(value);
}

/** How a refusal is told. */
interface Told {
  /** What to do instead. */
  way: NextSteps;
  /** What allows every path. */
  allow?: NextStep;
  /** What the working directory is to the caller, where it is not that of a person. */
  place?: string;
  /** What to do where that is the root of the disk. */
  move?: string;
}

/** Throws `CliError` usage when `path` is outside the working directory. `flag`: who named it. */
export async function checkPath(
  path: string,
  flag: string,
  told: Told,
  deps: PathDeps,
): Promise<void> {
  const { way, place = 'the working directory' } = told;
  const root = await whereItIs(deps.workingDirectory, way, deps);
  if (isRoot(root, deps)) throw everywhere(path, flag, { ...told, place });
  const found = await whereItIs(resolvePath(path, deps), way, deps);
  if (isInside(found, root, deps)) return;
  throw new CliError('usage', `${flag} ${JSON.stringify(path)} is outside ${place}`, {
    code: 'path_outside',
    next: way,
  });
}

/** Where a path leads, also one that does not exist yet: then its nearest directory that does. */
async function whereItIs(path: string, way: NextSteps, deps: PathDeps): Promise<string> {
  const { dirname, basename, join } = deps.path;
  try {
    return await deps.files.realPath(path);
  } catch (error) {
    const parent = dirname(path);
    const isMissing = systemErrorCode(error) === 'ENOENT';
    // A link to nowhere is followed by whoever makes the file.
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

/** The whole disk is no place to hold anybody to. */
function everywhere(
  path: string,
  flag: string,
  { allow, place, move: own = 'run it in a directory of its own' }: Told,
): CliError {
  const message = `${flag} ${JSON.stringify(path)}: ${place} is the root of the disk, where nothing counts as inside`;
  return new CliError('usage', message, {
    code: 'path_outside',
    next: [say(own), ...(allow === undefined ? [] : [allow])],
  });
}

function unknownEnd(path: string, way: NextSteps, cause: unknown): CliError {
  const message = `${JSON.stringify(path)} is a link that leads nowhere, or in a circle`;
  return new CliError('usage', message, { code: 'path_outside', next: way, cause });
}

function unreadable(path: string, way: NextSteps, cause: unknown): CliError {
  return new CliError('usage', `${JSON.stringify(path)} cannot be looked up`, {
    code: systemErrorCode(cause) ?? 'bad_path',
    next: way,
    cause,
  });
}

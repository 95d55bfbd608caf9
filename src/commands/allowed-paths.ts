/**
 * Which files a caller who is not trusted with the whole disk may name: those in the working directory, wherever links
 * lead. It looks at the disk, and reads no file.
 */
import { posix, win32 } from 'node:path';
import type { Option } from 'commander';
import type { Deps } from '../deps.ts';
import { CliError, systemErrorCode } from '../errors.ts';
import { resolvePath } from '../input/paths.ts';

type PathDeps = Pick<Deps, 'files' | 'workingDirectory' | 'platform'>;

/** Whether the value of an option names a file: its own help says `<path>`, `<file>` or `<file|url>`. */
export function namesFile(option: Option): boolean {
  return /<(\w+\|)*(path|file)(\|\w+)*>/.test(option.flags);
}

/** Options whose value is text, unless it begins with @: then it is a file. */
export function mayNameFile(option: Option): boolean {
  return option.description.includes('@file');
}

/** Where a file or an address may be given, this is an address to every command, and never a path. */
export function isAddress(value: string): boolean {
  return /^https?:\/\//i.test(value);
}

/** Throws `CliError` usage when `path` is outside the working directory. `flag`: who named it; `way`: how to allow it. */
export async function checkPath(
  path: string,
  flag: string,
  way: string,
  deps: PathDeps,
): Promise<void> {
  const root = await whereItIs(deps.workingDirectory, deps);
  const found = await whereItIs(resolvePath(path, deps), deps);
  if (isInside(found, root, deps)) return;
  throw new CliError('usage', `${flag} ${JSON.stringify(path)} is outside the working directory`, {
    code: 'path_outside',
    hint: way,
  });
}

/** Where a path leads, also one that does not exist yet: then its nearest directory that does. */
async function whereItIs(path: string, deps: PathDeps): Promise<string> {
  const { dirname, basename, join } = deps.platform === 'win32' ? win32 : posix;
  try {
    return await deps.files.realPath(path);
  } catch (error) {
    const parent = dirname(path);
    // A link to nowhere is followed by whoever makes the file.
    const isMissing = systemErrorCode(error) === 'ENOENT' && !(await deps.files.isTaken(path));
    if (!isMissing || parent === path) throw unreadable(path, error);
    return join(await whereItIs(parent, deps), basename(path));
  }
}

function isInside(path: string, root: string, { platform }: PathDeps): boolean {
  const { relative, isAbsolute, sep } = platform === 'win32' ? win32 : posix;
  const way = relative(root, path);
  return way !== '..' && !way.startsWith(`..${sep}`) && !isAbsolute(way);
}

function unreadable(path: string, cause: unknown): CliError {
  return new CliError('usage', `${JSON.stringify(path)} cannot be looked up`, {
    code: systemErrorCode(cause) ?? 'bad_path',
    cause,
  });
}

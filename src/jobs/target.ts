/** Where results are saved, and whether that is possible: checked before anything is bought. It leaves no file behind; its advice names `-o`. */
import type { Deps } from '../base/deps.ts';
import { namesDirectory } from '../base/directory-path.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import type { NextStep, NextSteps } from '../base/next-step.ts';

export type TargetDeps = Pick<Deps, 'files' | 'path' | 'workingDirectory' | 'uuid'>;

/** All absolute. */
export interface Target {
  directory: string;
  /** null: a name of our own, with the type of the result. */
  name: string | null;
}

/** `-o`: a directory when it is one or ends in a slash, else a file; without it, the working directory. */
export async function findTarget(out: string | undefined, deps: TargetDeps): Promise<Target> {
  const { resolve, dirname, basename } = deps.path;
  if (out === undefined) return { directory: deps.workingDirectory, name: null };
  const path = resolve(deps.workingDirectory, out);
  const isDirectory = namesDirectory(out) || ((await statusOf(path, deps))?.isDirectory ?? false);
  return isDirectory
    ? { directory: path, name: null }
    : { directory: dirname(path), name: basename(path) };
}

/** `names`: the files that will be created there, as far as they are known. `bytes`: the disk space that they may need. Throws `CliError` local_io; nothing was bought. */
export async function checkTarget(
  directory: string,
  names: readonly string[],
  bytes: number,
  force: boolean,
  deps: TargetDeps,
): Promise<void> {
  const { join } = deps.path;
  const status = await statusOf(directory, deps);
  if (status === null)
    throw refused(`the directory ${directory} does not exist`, 'no_directory', {
      do: 'run',
      argv: ['mkdir', '-p', directory],
    });
  if (!status.isDirectory)
    throw refused(`${directory} is not a directory`, 'no_directory', elsewhere);
  for (const name of names) {
    const path = join(directory, name);
    const there = await statusOf(path, deps);
    if (there?.isDirectory) throw refused(`${path} is a directory`, 'output_exists', elsewhere);
    // A pipe or a device would be gone, and its reader gets nothing.
    if (there?.isFile === false)
      throw refused(`${path} is not a regular file`, 'output_exists', {
        do: 'set-flag',
        flag: '--out',
        why: 'choose another name',
      });
    if (!force && (await isTaken(path, deps)))
      throw refused(`${path} exists`, 'output_exists', [
        { do: 'set-flag', flag: '--out', why: 'choose another name' },
        { do: 'set-flag', flag: '--force', why: 'replace it' },
      ]);
  }
  await tryToWrite(directory, deps);
  const free = await deps.files.freeBytes(directory);
  if (free !== null && free < bytes)
    throw refused(
      `not enough room in ${directory}: ${mega(free)} free, ${mega(bytes)} may be needed`,
      'ENOSPC',
      [{ do: 'retry', first: 'free disk space' }, elsewhere],
    );
}

const elsewhere: NextStep = { do: 'set-flag', flag: '--out', why: 'choose another directory' };

/** Permissions say less than a test write: a disk may be read-only, and root ignores them. */
async function tryToWrite(directory: string, deps: TargetDeps): Promise<void> {
  const { join } = deps.path;
  const probe = join(directory, `.alltoken-${deps.uuid()}`);
  try {
    const file = await deps.files.openToWrite(probe, 'new', 0o600);
    await file.close();
    await deps.files.remove(probe);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    // Where no file at all can be opened, another directory does not help.
    const isLimit = code === 'EMFILE' || code === 'ENFILE';
    const more: NextStep = { do: 'retry', first: 'allow more open files (ulimit -n)' };
    throw refused(`cannot write to ${directory}: ${code}`, code, isLimit ? more : elsewhere);
  }
}

async function isTaken(path: string, deps: TargetDeps): Promise<boolean> {
  try {
    return await deps.files.isTaken(path);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    throw refused(`cannot access ${path}: ${code}`, code);
  }
}

async function statusOf(path: string, deps: TargetDeps): ReturnType<Deps['files']['status']> {
  try {
    return await deps.files.status(path);
  } catch (error) {
    const code = systemErrorCode(error) ?? 'unknown error';
    if (code === 'ENOTDIR') return null;
    throw refused(`cannot access ${path}: ${code}`, code);
  }
}

function refused(message: string, code: string, next?: NextSteps): CliError {
  return new CliError('local_io', `${message}; nothing was bought`, {
    code,
    billed: 'no',
    next,
  });
}

function mega(bytes: number): string {
  return `${(bytes / 1e6).toFixed(1)} MB`;
}

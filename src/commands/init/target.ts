/** What is at the directory of a project, and what its files would meet there. It looks, and writes nothing. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { say } from '../../base/next-step.ts';
import type { FileAction } from '../../schemas/init.ts';
import type { TemplateFile } from './template.ts';

export type LookDeps = Pick<Deps, 'files' | 'path'>;

export interface Target {
  /** Absolute. */
  directory: string;
  /** absent: it is made. empty: what is in it does not count. */
  state: 'absent' | 'empty' | 'used';
  /** The nearest directory above or at it that is there. */
  existing: string;
}

export interface PlannedFile extends TemplateFile {
  action: FileAction;
}

/** An empty clone has a repository; the other two are made by file managers. */
const notCounted: ReadonlySet<string> = new Set(['.git', '.DS_Store', 'Thumbs.db']);

/** Throws `CliError` local_io where there is something else than a directory, or nothing can be looked at. */
export async function findTarget(directory: string, deps: LookDeps): Promise<Target> {
  const existing = await looking(directory, () => nearestExisting(directory, deps));
  if (existing !== directory) return { directory, state: 'absent', existing };
  const names = await looking(directory, () => deps.files.list(directory));
  const isEmpty = names.every((name) => notCounted.has(name));
  return { directory, state: isEmpty ? 'empty' : 'used', existing };
}

async function nearestExisting(directory: string, deps: LookDeps): Promise<string> {
  const { dirname } = deps.path;
  for (let at = directory; ; at = dirname(at)) {
    const status = await deps.files.status(at);
    if (status?.isDirectory) return at;
    if (status !== null) throw inTheWay(at, 'it is not a directory');
    if (await deps.files.isTaken(at)) throw inTheWay(at, 'it is a link to nowhere');
    if (dirname(at) === at) throw inTheWay(at, 'there is no such disk');
  }
}

/** Nothing that is there is replaced. Throws `CliError` local_io where the project could not be whole beside it. */
export async function planFiles(
  { directory, state }: Target,
  files: readonly TemplateFile[],
  deps: LookDeps,
): Promise<PlannedFile[]> {
  if (state === 'absent') return files.map((file) => ({ ...file, action: 'created' }));
  return looking(directory, async () => {
    const planned: PlannedFile[] = [];
    for (const file of files) {
      await checkFolders(directory, file.name, deps);
      const path = deps.path.join(directory, ...file.name.split('/'));
      const isTaken = await deps.files.isTaken(path);
      if (isTaken && (await deps.files.status(path))?.isDirectory)
        throw inTheWay(path, 'it is a directory');
      planned.push({ ...file, action: isTaken ? 'kept' : 'created' });
    }
    return planned;
  });
}

/** The folders on the way to a file: plain ones below the project, or not there yet. */
async function checkFolders(directory: string, name: string, deps: LookDeps): Promise<void> {
  const { join, relative, normalize } = deps.path;
  const words = name.split('/').slice(0, -1);
  for (const depth of words.keys()) {
    const folder = words.slice(0, depth + 1).join('/');
    const path = join(directory, folder);
    if (!(await deps.files.isTaken(path))) return;
    const status = await deps.files.status(path);
    if (status === null) throw inTheWay(path, 'it is a link to nowhere');
    if (!status.isDirectory) throw inTheWay(path, 'it is not a directory');
    const [root, real] = [await deps.files.realPath(directory), await deps.files.realPath(path)];
    if (relative(root, real) !== normalize(folder))
      throw inTheWay(path, 'it is a link out of the directory');
  }
}

function inTheWay(path: string, why: string): CliError {
  return new CliError('local_io', `${path} is in the way: ${why}`, {
    code: 'in_the_way',
    billed: 'no',
    next: say('name another directory'),
  });
}

async function looking<T>(directory: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof CliError) throw error;
    throw new CliError('local_io', `cannot look at ${directory}: ${inPlainWords(error)}`, {
      code: systemErrorCode(error),
      billed: 'no',
      next: say('name another directory'),
      cause: error,
    });
  }
}

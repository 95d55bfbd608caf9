/** Writes a project: a new directory appears whole, and in one that is there each file does. It replaces nothing. */
import type { Deps } from '../../base/deps.ts';
import { inPlainWords } from '../../base/errno.ts';
import { CliError, systemErrorCode } from '../../base/errors.ts';
import { allowWriting } from '../../base/host-sandbox.ts';
import type { NextStep } from '../../base/next-step.ts';
import { NameTaken, publish } from '../../jobs/publish.ts';
import type { PlannedFile, Target } from './target.ts';
import type { TemplateFile } from './template.ts';

type WriteDeps = Pick<Deps, 'files' | 'path' | 'env' | 'signal' | 'uuid'>;

/** Of files and directories, before the umask. */
const FILE_MODE = 0o666;
const DIRECTORY_MODE = 0o777;

/** Somebody else made something of this name meanwhile. */
const takenCodes: ReadonlySet<string | undefined> = new Set(['ENOTEMPTY', 'EEXIST', 'EPERM']);

/**
 * Under a temporary name first, with those directories above it that are missing too. `prepare` does more in it before
 * it gets its name. `again`: the command to try next. Throws `CliError` local_io, and then nothing is left.
 */
export async function writeNew<T>(
  { directory, existing }: Target,
  files: readonly TemplateFile[],
  prepare: (directory: string) => Promise<T>,
  again: NextStep,
  deps: WriteDeps,
): Promise<T> {
  const { join, relative, sep } = deps.path;
  const [top = '', ...below] = relative(existing, directory).split(sep);
  const temporary = temporaryIn(existing, deps);
  const place = join(temporary, ...below);
  try {
    await deps.files.makeDirectory(place, DIRECTORY_MODE);
    for (const { name, text } of files) {
      deps.signal.throwIfAborted();
      const path = join(place, ...name.split('/'));
      await deps.files.makeDirectory(deps.path.dirname(path), DIRECTORY_MODE);
      await writeFile(path, text, deps);
    }
    const prepared = await prepare(place);
    deps.signal.throwIfAborted();
    await rename(temporary, join(existing, top), deps);
    return prepared;
  } catch (error) {
    await deps.files.removeTree(temporary).catch(() => {});
    throw failure(`cannot create ${directory}`, existing, error, again, deps);
  }
}

/** What was found absent is looked at once more: a rename replaces an empty directory. */
async function rename(temporary: string, path: string, deps: WriteDeps): Promise<void> {
  if (await deps.files.isTaken(path)) throw taken(path);
  try {
    await deps.files.rename(temporary, path);
  } catch (error) {
    const isTaken = takenCodes.has(systemErrorCode(error)) && (await deps.files.isTaken(path));
    throw isTaken ? taken(path) : error;
  }
  await deps.files.syncDirectory(deps.path.dirname(path));
}

function taken(path: string): CliError {
  return new CliError('local_io', `${path} was made by another program meanwhile`, {
    code: 'output_exists',
    billed: 'no',
    next: { do: 'retry', free: true },
  });
}

/** Resolves to what became of each file: one that appears meanwhile is kept. Throws `CliError` local_io; every file is whole then. */
export async function writeMissing(
  directory: string,
  files: readonly PlannedFile[],
  again: NextStep,
  deps: WriteDeps,
): Promise<PlannedFile[]> {
  const { join, dirname } = deps.path;
  const written: PlannedFile[] = [];
  for (const file of files) {
    deps.signal.throwIfAborted();
    const path = join(directory, ...file.name.split('/'));
    if (file.action === 'kept') written.push(file);
    else
      try {
        await deps.files.makeDirectory(dirname(path), DIRECTORY_MODE);
        const isNew = await writeWhole(path, file.text, deps);
        written.push(isNew ? file : { ...file, action: 'kept' });
      } catch (error) {
        throw failure(`cannot write ${path}`, directory, error, again, deps);
      }
  }
  return written;
}

/** false: the name was taken meanwhile. */
async function writeWhole(path: string, text: string, deps: WriteDeps): Promise<boolean> {
  const temporary = temporaryIn(deps.path.dirname(path), deps);
  try {
    await writeFile(temporary, text, deps);
    const publication = { temporary, path, force: false, reserved: false, onReserve: nothing };
    await publish(publication, deps);
    return true;
  } catch (error) {
    await deps.files.remove(temporary).catch(() => {});
    if (error instanceof NameTaken) return false;
    throw error;
  }
}

async function nothing(): Promise<void> {}

function temporaryIn(directory: string, { path, uuid }: WriteDeps): string {
  return path.join(directory, `.alltoken-init-${uuid().slice(-12)}`);
}

async function writeFile(path: string, text: string, { files }: WriteDeps): Promise<void> {
  const file = await files.openToWrite(path, 'new', FILE_MODE);
  try {
    await file.write(new TextEncoder().encode(text));
    await file.sync();
  } finally {
    await file.close();
  }
}

function failure(
  what: string,
  directory: string,
  error: unknown,
  again: NextStep,
  { signal, env }: WriteDeps,
): unknown {
  if (signal.aborted || error instanceof CliError) return error;
  const code = systemErrorCode(error);
  return new CliError('local_io', `${what}: ${inPlainWords(error)}`, {
    code,
    billed: 'no',
    next: [...allowWriting(directory, code, env), { ...again, why: 'when this is put right' }],
    cause: error,
  });
}

/** Where a batch reads and writes: its input, its output with a lock, and the state of the run before. Nothing is sent here. */

import type { Deps } from '../base/deps.ts';
import { namesDirectory } from '../base/directory-path.ts';
import { inPlainWords } from '../base/errno.ts';
import { CliError, systemErrorCode } from '../base/errors.ts';
import { type NextStep, say } from '../base/next-step.ts';
import { type Lock, takeLock } from '../system/lock.ts';
import type { BatchOptions } from './options.ts';
import { noLines, prepareOutput } from './output-file.ts';
import { type BatchPlan, filesOf } from './plan.ts';
import { anew } from './same-batch.ts';
import { earlierAt } from './settle.ts';
import { spoolInput } from './spool.ts';
import { readHeader, type StateHeader, writeHeader } from './state-file.ts';

/**
 * Room on the disk of the output for each line that is sent: its answer, once more where the output is compacted, and its
 * intent. Most answers are shorter, and how long one will be is not known.
 */
const LINE_BYTES = 16 * 1024;
/** For the header of the state, and for other programs that write there. */
const SPARE_BYTES = 128 * 1024;
/** With this much a batch of any size begins: it stops, and goes on, where the disk is full after all. */
const ENOUGH_BYTES = 16 * 1024 * 1024;

/** `…/dev/stdout` and the like, also where a file is behind it: what else is printed there would get between the results. */
const streamPath = /^\/(?:dev\/(?:std(?:in|out|err)|fd\/\d+)|proc\/(?:self|\d+)\/fd\/\d+)$/;

/** Nothing is written before the output is known to be one. Throws `CliError` usage or local_io. */
export async function placeOf(options: BatchOptions, deps: Deps): ReturnType<typeof filesOf> {
  const { isAbsolute, join, resolve } = deps.path;
  const { out, input } = options;
  if (isAbsolute(out) && streamPath.test(out)) throw noStream(out, resultsName(input, deps));
  const isSlashed = namesDirectory(out);
  const path = resolve(deps.workingDirectory, out);
  try {
    const there = await deps.files.status(path);
    if (isSlashed || there?.isDirectory) {
      const value = join(out, resultsName(input, deps));
      const make: NextStep[] = there === null ? [{ do: 'run', argv: ['mkdir', '-p', path] }] : [];
      throw new CliError(
        'local_io',
        `-o ${out}: a directory, and a batch writes one file; nothing was sent`,
        {
          code: 'EISDIR',
          billed: 'no',
          next: [
            ...make,
            { do: 'set-flag', flag: '--out', value, ...(there === null && { when: 'afterwards' }) },
          ],
        },
      );
    }
    const files = await filesOf(options, deps);
    // A pipe, a device or a directory is none.
    const status = await deps.files.status(files.output);
    if (status !== null) await (await deps.files.openToRead(files.output)).close();
    return files;
  } catch (error) {
    throw ofFile('-o', path, error, deps);
  }
}

/** As `rows.results.jsonl` for the lines of `rows.jsonl`. */
export function resultsName(input: string, { path }: Pick<Deps, 'path'>): string {
  const name = input === '-' ? '' : path.basename(input).replace(/\.(?:jsonl|ndjson|txt)$/i, '');
  return name === '' ? 'results.jsonl' : `${name}.results.jsonl`;
}

/** `name`: of a file that would do. */
export function noStream(out: string, name: string): CliError {
  return new CliError(
    'usage',
    `${out === '-' ? '--out needs a path, and - is none here' : `-o ${out} is a stream`}: a batch needs a file for its results, and goes on from it; nothing was sent`,
    {
      code: 'bad_flag',
      next: [
        { do: 'set-flag', flag: '--out', value: name },
        { do: 'run', argv: ['cat', name], when: 'afterwards' },
      ],
    },
  );
}

/** The one process that writes this output. Throws `CliError` local_io: `in_use` where another holds it. */
export async function lockOutput(output: string, deps: Deps): Promise<Lock> {
  const { dirname, basename } = deps.path;
  let lock: Awaited<ReturnType<typeof takeLock>>;
  try {
    lock = await takeLock(dirname(output), `${basename(output)}.state`, deps);
  } catch (error) {
    throw ofFile('-o', output, error, deps);
  }
  if (!('heldBy' in lock)) return lock;
  throw new CliError('local_io', `process ${lock.heldBy} writes ${output}; nothing was sent`, {
    code: 'in_use',
    billed: 'no',
    next: { do: 'say', words: 'wait for it, or name another output' },
  });
}

/** The system's error as `CliError` local_io before anything is sent; any other is returned as it is. `what`: as `-o`. */
export function ofFile(
  what: string,
  path: string,
  error: unknown,
  { path: paths }: Pick<Deps, 'path'>,
): unknown {
  const code = systemErrorCode(error);
  if (code === undefined || error instanceof CliError) return error;
  const next = nextOf(code, paths.dirname(path));
  return new CliError('local_io', `${what} ${path}: ${inPlainWords(error)}; nothing was sent`, {
    code,
    billed: 'no',
    cause: error,
    ...(next === null ? {} : { next }),
  });
}

/** What helps where permissions are not the problem. */
function nextOf(code: string, directory: string): NextStep | null {
  if (code === 'ENOENT') return { do: 'run', argv: ['mkdir', '-p', directory] };
  return code === 'EFTYPE' || code === 'EISDIR'
    ? { do: 'set-flag', flag: '--out', why: 'choose another name' }
    : null;
}

const update: NextStep = {
  do: 'run',
  argv: ['npm', 'install', '-g', 'alltoken-cli@latest'],
  why: 'go on with this batch',
};

/** Of the run before this one; null: this is the first. Throws `CliError` local_io where state and output are not of one batch. */
export async function headerOf(
  { output, state }: Awaited<ReturnType<typeof filesOf>>,
  deps: Deps,
): Promise<StateHeader | null> {
  const header = await readHeader(state, deps).catch((error: unknown) => {
    throw ofFile('the state', state, error, deps);
  });
  const { status } = deps.files;
  if (header === 'newer')
    throw badState(`${state} was written by a newer version of alltoken`, [update, anew]);
  const restored = say(`restore ${state} from a copy`);
  if (header === 'bad')
    throw badState(`${state} is not the state of a batch`, [restored, theRest, anew]);
  if (header !== null || ((await status(output))?.bytes ?? 0) === 0) return header;
  if (await hasResult(output, deps))
    throw new CliError(
      'local_io',
      `${output} is the output of a batch, and its state is gone; nothing was sent`,
      { code: 'no_state', billed: 'no', next: [restored, theRest, anew] },
    );
  throw new CliError('local_io', `${output} exists, and is not the output of a batch`, {
    code: 'output_exists',
    billed: 'no',
    next: { do: 'set-flag', flag: '--out', why: 'choose another name' },
  });
}

/** Nobody knows any more which lines were in flight, and with which flags: it cannot go on by itself. */
const theRest = say(
  'take the lines that have a result out of the input, and give the rest to another batch',
);

function badState(what: string, next: NextStep[]): CliError {
  return new CliError('local_io', `${what}; nothing was sent`, {
    code: 'bad_state',
    billed: 'no',
    next,
  });
}

async function hasResult(output: string, { files }: Pick<Deps, 'files'>): Promise<boolean> {
  const reader = await files.openToRead(output);
  try {
    return earlierAt(reader, 0) !== null;
  } finally {
    await reader.close();
  }
}

/** A batch reads its input twice: what comes by a pipe is kept beside the output for as long as it runs. `onFirst`: as for a spool. Throws `CliError` local_io. */
export async function inputOf(
  { input, output }: Pick<BatchPlan, 'input' | 'output'>,
  onFirst: () => void,
  deps: Deps,
): Promise<{ path: string; remove(): Promise<void> }> {
  if (input !== null) return { path: input, remove: async () => {} };
  const path = `${output}.stdin`;
  try {
    await spoolInput(path, onFirst, deps);
  } catch (error) {
    await deps.files.remove(path);
    throw ofFile('standard input, to', path, error, deps);
  }
  return { path, remove: () => deps.files.remove(path) };
}

/** A batch that cannot write what it pays for does not begin. Throws `CliError` local_io `ENOSPC`; an unknown free space passes. */
export async function checkRoom(
  output: string,
  lines: number,
  { files, path }: Pick<Deps, 'files' | 'path'>,
): Promise<void> {
  const free = await files.freeBytes(path.dirname(output));
  const needed = Math.min(SPARE_BYTES + lines * LINE_BYTES, ENOUGH_BYTES);
  if (free === null || free >= needed) return;
  const megabytes = (bytes: number): string => (bytes / 1e6).toFixed(1);
  throw new CliError(
    'local_io',
    `${megabytes(free)} MB are free on the disk of ${output}, and ${lines} lines may need ${megabytes(needed)}; nothing was sent`,
    { code: 'ENOSPC', billed: 'no' },
  );
}

/** Makes the state and an empty output, both durable. Throws `CliError` local_io. */
export async function begin(plan: BatchPlan, deps: Deps): Promise<void> {
  try {
    // First: a state without an output is a batch that was not begun.
    await writeHeader(plan.state, headerFor(plan, null, {}), deps);
    const isThere = (await deps.files.status(plan.output)) !== null;
    await prepareOutput(plan.output, noLines, isThere, deps);
    await deps.files.syncDirectory(deps.path.dirname(plan.output));
  } catch (error) {
    throw ofFile('-o', plan.output, error, deps);
  }
}

/** The state's first line, with the model that the first run chose. */
export function headerFor(
  { flags, said, request }: BatchPlan,
  before: StateHeader | null,
  facts: Pick<StateHeader, 'tags' | 'results' | 'lost' | 'torn'>,
): StateHeader {
  return { v: 1, flags, said, model: before?.model ?? request.fixedModel, ...facts };
}
